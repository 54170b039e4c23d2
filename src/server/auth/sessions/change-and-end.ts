import type { SessionEnding } from '../accounts/account-changes.ts';
import type { Clock } from '../clock.ts';
import { changeAndRecord, type RecordEvents } from '../store/recording.ts';
import type { AuthDatabase } from '../store/tables.ts';
import { type AnnounceEnded, endedEvents } from './announce-ended.ts';
import type { SessionStore } from './session-store.ts';

/** Ends the sessions of an account, by themselves or together with a change of it. */
export const createSessionEnding = ({
  database,
  store,
  clock,
  record,
  announceEnded,
}: {
  database: AuthDatabase;
  store: SessionStore;
  clock: Clock;
  record: RecordEvents;
  announceEnded: AnnounceEnded;
}): SessionEnding => ({
  // The account comes first: from then on no session starts or is about to that this transaction would not see.
  changeAndEnd: async (initiator, { userId, cause, now }, change) => {
    const { user, ended } = await database.transaction().execute(async (transaction) => {
      const user = await change(transaction);
      const ended = user === undefined ? [] : await store.revokeAll(transaction, { userId }, cause, now);
      await record(transaction, initiator, endedEvents(ended, cause));
      return { user, ended };
    });
    await announceEnded(initiator, ended, cause);
    return user;
  },

  endAll: async (initiator, userId, cause) => {
    const now = clock.now();
    const ended = await changeAndRecord(
      { database, record },
      initiator,
      (db) => store.revokeAll(db, { userId }, cause, now),
      (revoked) => endedEvents(revoked, cause),
    );
    await announceEnded(initiator, ended, cause);
    return ended.filter((session) => session.endsAt > now).length;
  },
});
