import type { SessionEnding } from '../accounts/account-changes.ts';
import type { Clock } from '../clock.ts';
import type { AuthDatabase } from '../store/tables.ts';
import type { AnnounceEnded } from './announce-ended.ts';
import type { SessionStore } from './session-store.ts';

/** Ends the sessions of an account, by themselves or together with a change of it. */
export const createSessionEnding = ({
  database,
  store,
  clock,
  announceEnded,
}: {
  database: AuthDatabase;
  store: SessionStore;
  clock: Clock;
  announceEnded: AnnounceEnded;
}): SessionEnding => ({
  // The account comes first: from then on no session starts or is about to that this transaction would not see.
  changeAndEnd: async (initiator, { userId, cause, now }, change) => {
    const { user, ended } = await database.transaction().execute(async (transaction) => {
      const user = await change(transaction);
      return { user, ended: user === undefined ? [] : await store.revokeAll(transaction, { userId }, cause, now) };
    });
    await announceEnded(initiator, ended, cause);
    return user;
  },

  endAll: async (initiator, userId, cause) => {
    const now = clock.now();
    const ended = await store.revokeAll(database, { userId }, cause, now);
    await announceEnded(initiator, ended, cause);
    return ended.filter((session) => session.endsAt > now).length;
  },
});
