import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
} from 'kysely';

/**
 * Kysely's own `begin` is deferred: a read followed by a write then fails at once when another process wrote in
 * between, without waiting for the busy timeout. A transaction that is immediate from the start waits its turn instead.
 */
class ImmediateSqliteDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await super.rollbackTransaction(connection);
    } catch (error) {
      // A full disk and the like end the transaction by themselves
      // (https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction). What went wrong is then
      // the first error, which this one would hide.
      if (!(error instanceof Error && error.message.includes('no transaction is active'))) throw error;
    }
  }
}

/**
 * SQLite's schema changes are transactional, which Kysely does not count on, and its migration lock does nothing here.
 * Saying so makes the migrator look up and run what is pending in one immediate transaction: a real lock, and all or
 * nothing.
 */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/**
 * Kysely's SQLite dialect with immediate transactions and migrations that are safe between processes.
 *
 * @param database opens it, at the first statement.
 */
export const createSqliteDialect = (database: () => Promise<SqliteDatabase>): Dialect => {
  const base = new SqliteDialect({ database });
  return {
    createDriver: () => new ImmediateSqliteDriver({ database }),
    createAdapter: () => new TransactionalSqliteAdapter(),
    createQueryCompiler: () => base.createQueryCompiler(),
    createIntrospector: (db) => base.createIntrospector(db),
  };
};
