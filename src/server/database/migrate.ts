import { type Migration, Migrator } from 'kysely';
import type { Database } from './database.ts';

export interface MigrationSet {
  /** The prefix of the tables that keep what has run: `<name>_migration` and `<name>_migration_lock`. */
  name: string;
  /** By name; they run in the order of their names. */
  migrations: Record<string, Migration>;
}

/**
 * Brings the store up to date with each set, one after the other, so that the stack's tables are there before those of the app. Safe when
 * several processes start at once: one runs what is pending, the others wait and find nothing left (on Postgres by Kysely's advisory lock, on
 * SQLite by the transaction of `sqlite-dialect.ts`). A set that fails leaves nothing behind.
 */
export const migrate = async (database: Database, sets: readonly MigrationSet[]): Promise<void> => {
  for (const { name, migrations } of sets) {
    await database.withUnboundedConnection(async (db) => {
      const migrator = new Migrator({
        db,
        provider: { getMigrations: () => Promise.resolve(migrations) },
        migrationTableName: `${name}_migration`,
        migrationLockTableName: `${name}_migration_lock`,
      });
      const { error } = await migrator.migrateToLatest();
      if (error instanceof Error) throw error;
      if (error !== undefined) throw new Error(`The migrations ${name} failed.`, { cause: error });
    });
  }
};
