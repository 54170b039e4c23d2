import type { RevocationCause } from '../../../shared/auth/index.ts';
import type { CoreEvent, Initiator, Report } from '../events.ts';
import type { Announce } from '../store/revocation-feed.ts';
import type { EndedSession } from './session-store.ts';

/** What there is to tell of sessions that have ended. */
export const endedEvents = (ended: readonly EndedSession[], cause: RevocationCause): CoreEvent[] =>
  ended.map(({ id: sessionId, userId }) => ({ event: 'session.ended', cause, userId, sessionId }));

/** Makes known what has just ended, once it is committed: to the gate of every process, and to the log. */
export type AnnounceEnded = (
  initiator: Initiator,
  ended: readonly EndedSession[],
  cause: RevocationCause,
) => Promise<void>;

export const createAnnounceEnded =
  ({ report, announce }: { report: Report; announce: Announce }): AnnounceEnded =>
  async (initiator, ended, cause) => {
    for (const event of endedEvents(ended, cause)) report(initiator, event);
    await announce(ended.map(({ sid }) => ({ kind: 'session', sid, cause })));
  };
