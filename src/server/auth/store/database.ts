import type { Kysely } from 'kysely';

export type Dialect = 'sqlite' | 'postgres';

/** The tables of an interface in the form that `db.withTables<TablesOf<Tables>>()` takes. */
export type TablesOf<Tables> = { [Name in keyof Tables]: Tables[Name] };

/** An open store. `db` knows no tables: `withTables` gives each part its own view of it. */
export interface Database {
  dialect: Dialect;
  db: Kysely<unknown>;
  /** Resolves when the store answers and can be written to, rejects when not. */
  ping(): Promise<void>;
  /**
   * Runs `work` on a connection that may hold long statements, as a migration needs: no statement timeout applies to it.
   */
  withUnboundedConnection<Result>(work: (db: Kysely<unknown>) => Promise<Result>): Promise<Result>;
  /** Finishes what runs, then lets go of every connection. A second call does nothing. */
  close(): Promise<void>;
}

/** The store cannot be opened. The message is one line for the person who starts the server. */
export class DatabaseUnavailableError extends Error {
  override name = 'DatabaseUnavailableError';
}
