import type { RevocationFeed, Store } from 'latchkey/server';
import { createAnnouncer } from '#server/auth/store/postgres/announcer.ts';
import { createPostgresFeed, notifyOf } from '#server/auth/store/postgres/feed.ts';
import { createPostgresListener, type PostgresListenerOptions } from '#server/auth/store/postgres/listener.ts';
import type { Announce } from '#server/auth/store/revocation-feed.ts';
import { revocationChannel } from '#server/auth/store/revocation-triggers.ts';

export type { ListeningClient } from '#server/auth/store/postgres/listener.ts';
export { createListeningClient } from '#server/auth/store/postgres/listening-client.ts';

/** The schema of the reference server. */
const SCHEMA = 'public';

/** Where its triggers announce what ends. */
export const REVOCATION_CHANNEL = revocationChannel(SCHEMA);

/** What announces the ends of a store in the schema of the reference server. */
export { createAnnouncer };

export const createAnnouncerOf = ({ db }: Store): Announce => createAnnouncer(notifyOf(db, SCHEMA));

/** A store's own feed, with a hand on its connection, its beats and its clock. */
export const createFeedOf = (
  database: Store,
  { lookIntervalMs, ...options }: Omit<PostgresListenerOptions<unknown>, 'database'> & { lookIntervalMs?: number },
): RevocationFeed =>
  createPostgresFeed({
    listener: createPostgresListener({ database: database.db, ...options }),
    announce: createAnnouncerOf(database),
    schema: SCHEMA,
    lookIntervalMs,
  });
