import {
  type AuthDatabase,
  createPostgresFeed,
  createPostgresListener,
  createSqliteFeed,
  type RevocationFeed,
} from '#server/auth/index.ts';
import { createListeningClient } from '#server/database/index.ts';

/** The feed that belongs to the store. */
export const createFeed = (database: AuthDatabase, databaseUrl: string | undefined): RevocationFeed =>
  databaseUrl === undefined
    ? createSqliteFeed({ database })
    : createPostgresFeed(createPostgresListener({ database, connect: () => createListeningClient(databaseUrl) }));
