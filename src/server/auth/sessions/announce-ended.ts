import type { RevocationCause } from '../../../shared/auth/index.ts';
import type { Initiator, Report } from '../events.ts';
import type { RevocationNotice } from '../store/revocation-feed.ts';
import type { EndedSession } from './session-store.ts';

/** Makes known what has just ended, once it is committed: to the gate of this process, and to the log. */
export type AnnounceEnded = (initiator: Initiator, ended: readonly EndedSession[], cause: RevocationCause) => void;

export const createAnnounceEnded =
  ({ report, notice }: { report: Report; notice: (what: RevocationNotice) => void }): AnnounceEnded =>
  (initiator, ended, cause) => {
    for (const { sid, id: sessionId, userId } of ended) {
      notice({ kind: 'session', sid, cause });
      report(initiator, { event: 'session.ended', cause, userId, sessionId });
    }
  };
