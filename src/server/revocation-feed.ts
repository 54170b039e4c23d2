import type { AuthDatabase, RevocationFeed } from '#server/auth/index.ts';
import { createListeningClient, createPostgresFeed, createPostgresListener } from '#server/auth/postgres.ts';
import { createSqliteFeed } from '#server/auth/sqlite.ts';
import { NOTE_CHANNEL, type NoteSignals } from '#server/notes/index.ts';
import type { Log } from './log/log.ts';

export interface FeedOptions {
  database: AuthDatabase;
  databaseUrl: string | undefined;
  signals: NoteSignals;
  log: Log;
}

/** The feed that belongs to the store. On Postgres its one listening connection brings the changes of notes as well. */
export const createFeed = ({ database, databaseUrl, signals, log }: FeedOptions): RevocationFeed => {
  if (databaseUrl === undefined) return createSqliteFeed({ database });
  const listener = createPostgresListener({
    database,
    connect: () => createListeningClient(databaseUrl),
    onChange: (isLive) => {
      if (isLive) log.info('The revocation feed is live.');
      else log.warn('The revocation feed is not live: each protected call asks the database until it is.');
    },
  });
  listener.listen(NOTE_CHANNEL, {
    notice: signals.wake,
    catchUp: async () => {
      signals.wakeAll();
      await Promise.resolve();
    },
  });
  return createPostgresFeed(listener);
};
