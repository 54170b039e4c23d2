import type { Kysely, Migration } from 'kysely';
import type { RevocationFeed } from './revocation-feed.ts';
import type { Dialect } from './tables.ts';

/** The tables of an interface in the form that `db.withTables<TablesOf<Tables>>()` takes. */
export type TablesOf<Tables> = { [Name in keyof Tables]: Tables[Name] };

export interface MigrationSet {
  /** The prefix of the tables that keep what has run: `<name>_migration` and `<name>_migration_lock`. */
  name: string;
  /** By name; they run in the order of their names. */
  migrations: Record<string, Migration>;
}

/** What hears the notices of a channel. */
export interface ChannelListener {
  notice(payload: string): void;
  /**
   * Reads from the store all that may have been missed. Called at every (re)connect, after LISTEN and the first beat
   * that came back.
   */
  catchUp(): Promise<void>;
}

/**
 * All that the stack needs of a database: `sqlite(path)` or `postgres(url)`. Made at once; nothing is opened before
 * `open` or the first statement.
 */
export interface Store {
  readonly dialect: Dialect;
  /** Knows no tables: `withTables` gives each part its own view of it. */
  readonly db: Kysely<unknown>;
  /**
   * Looks whether the store answers. After a failure it can be retried.
   *
   * @returns whether it was this call that opened it: then it is for the caller to close.
   * @throws DatabaseUnavailableError when it cannot be opened, does not answer or cannot be written to, and once it was
   * closed.
   */
  open(): Promise<boolean>;
  /**
   * Brings it up to date with each set, one after the other. Safe when several processes start at once.
   *
   * @throws DatabaseUnavailableError when another build has migrated it, to what this one does not know.
   */
  migrate(sets: readonly MigrationSet[]): Promise<void>;
  /** Makes what brings the revocations of other processes. It connects when it is started. */
  createFeed(): RevocationFeed;
  /**
   * Has the connection on which the feed listens hear another channel of NOTIFY as well. To be called before the feed
   * is started. SQLite has no channels, and does nothing.
   */
  listen(channel: string, listener: ChannelListener): void;
  /** Resolves when the store answers and can be written to, rejects when not. */
  ping(): Promise<void>;
  /**
   * Runs `work` on a connection that may hold long statements, as a migration needs: no statement timeout applies to
   * it.
   */
  withUnboundedConnection<Result>(work: (db: Kysely<unknown>) => Promise<Result>): Promise<Result>;
  /** Finishes what runs, then lets go of every connection, for good. A second call does nothing. */
  close(): Promise<void>;
}

/** The store cannot be opened. The message is one line for the person who starts the server. */
export class DatabaseUnavailableError extends Error {
  override name = 'DatabaseUnavailableError';
}
