import { type Kysely, Migrator } from 'kysely';
import { DatabaseUnavailableError, type MigrationSet } from './store.ts';

export interface MigrateOptions {
  /** Where the tables that keep what has run are, on Postgres. It is made if it is not there. */
  schema?: string;
}

/**
 * What Kysely says of a store in which something ran that is not among the migrations, or that ran in another order. It
 * has no code.
 */
const OF_ANOTHER_BUILD = /^corrupted migrations: /;

/**
 * Brings a store up to date with each set, one after the other, so that the stack's tables are there before those of
 * the app. Safe when several processes start at once: one runs what is pending, the others wait and find nothing left
 * (on Postgres by Kysely's advisory lock, on SQLite by the transaction of `sqlite/dialect.ts`). A set that fails leaves
 * nothing behind.
 *
 * @throws DatabaseUnavailableError when another build has migrated the store, to what this one does not know.
 */
export const migrate = async (
  db: Kysely<unknown>,
  sets: readonly MigrationSet[],
  { schema }: MigrateOptions = {},
): Promise<void> => {
  for (const { name, migrations } of sets) {
    const migrator = new Migrator({
      db,
      provider: { getMigrations: () => Promise.resolve(migrations) },
      migrationTableName: `${name}_migration`,
      migrationLockTableName: `${name}_migration_lock`,
      ...(schema !== undefined && { migrationTableSchema: schema }),
    });
    const { error } = await migrator.migrateToLatest();
    if (error instanceof Error && OF_ANOTHER_BUILD.test(error.message)) {
      throw new DatabaseUnavailableError(
        `The store was migrated by another build, and this one does not know all of its migrations (${name}). Start the newer build, or restore a backup of this one.`,
        { cause: error },
      );
    }
    if (error instanceof Error) throw error;
    if (error !== undefined) throw new Error(`The migrations ${name} failed.`, { cause: error });
  }
};
