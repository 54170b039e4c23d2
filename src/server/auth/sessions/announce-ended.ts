import type { RevocationCause } from '../../../shared/auth/index.ts';
import type { Initiator, Report } from '../events.ts';
import type { Announce } from '../store/revocation-feed.ts';
import type { EndedSession } from './session-store.ts';

/** Makes known what has just ended, once it is committed: to the gate of every process, and to the log. */
export type AnnounceEnded = (
  initiator: Initiator,
  ended: readonly EndedSession[],
  cause: RevocationCause,
) => Promise<void>;

export const createAnnounceEnded =
  ({ report, announce }: { report: Report; announce: Announce }): AnnounceEnded =>
  async (initiator, ended, cause) => {
    for (const { id: sessionId, userId } of ended) {
      report(initiator, { event: 'session.ended', cause, userId, sessionId });
    }
    await announce(ended.map(({ sid }) => ({ kind: 'session', sid, cause })));
  };
