import type { Announce, RevocationNotice } from '../revocation-feed.ts';

/**
 * Postgres takes one lock of the whole cluster to commit a transaction with a NOTIFY in it. Sent after the commit, one
 * statement at a time while the rest gathers for the next, the notices of a process wait for that lock once and the
 * commits not at all.
 *
 * What fails twice is left to the others: each of them looks at the rows by itself.
 *
 * @param notify sends notices in one statement.
 */
export const createAnnouncer = (notify: (notices: readonly RevocationNotice[]) => Promise<void>): Announce => {
  let waiting: RevocationNotice[] = [];
  let next: Promise<void> | undefined;
  let inFlight = Promise.resolve();

  const send = async (): Promise<void> => {
    const notices = waiting;
    waiting = [];
    next = undefined;
    try {
      await notify(notices).catch(() => notify(notices));
    } catch {
      // The store is away, and the next caller is told so.
    }
  };

  return (notices) => {
    if (notices.length === 0) return Promise.resolve();
    waiting.push(...notices);
    if (next === undefined) {
      next = inFlight.then(send);
      inFlight = next;
    }
    return next;
  };
};
