import {
  type AuthDatabase,
  createPostgresFeed,
  createPostgresListener,
  createSqliteFeed,
  type RevocationFeed,
} from '#server/auth/index.ts';
import { createListeningClient } from '#server/database/index.ts';
import { NOTE_CHANNEL, type NoteSignals } from '#server/notes/index.ts';

/** The feed that belongs to the store. On Postgres its one listening connection brings the changes of notes as well. */
export const createFeed = (
  database: AuthDatabase,
  databaseUrl: string | undefined,
  signals: NoteSignals,
): RevocationFeed => {
  if (databaseUrl === undefined) return createSqliteFeed({ database });
  const listener = createPostgresListener({ database, connect: () => createListeningClient(databaseUrl) });
  listener.listen(NOTE_CHANNEL, {
    notice: signals.wake,
    catchUp: async () => {
      signals.wakeAll();
      await Promise.resolve();
    },
  });
  return createPostgresFeed(listener);
};
