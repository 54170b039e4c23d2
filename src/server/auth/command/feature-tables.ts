import { type Migration, sql } from 'kysely';
import { auditMigrations } from '../features/audit/audit-migrations.ts';
import { mailMigrations } from '../features/mail/mail-migrations.ts';
import { passwordMigrations } from '../features/passwords/password-migrations.ts';
import { authMigrations } from '../store/migrations.ts';
import type { MigrationSet, Store } from '../store/store.ts';
import type { Dialect } from '../store/tables.ts';
import { UsageError } from './usage.ts';

/** The features of the package, as `latchkey/server/NAME`. */
export type FeatureName = 'passwords' | 'mail' | 'recovery' | 'audit';

/** Of all features, in their order. One without tables has none. */
const MIGRATIONS: Readonly<Record<FeatureName, (dialect: Dialect) => Record<string, Migration>>> = {
  passwords: passwordMigrations,
  mail: mailMigrations,
  recovery: () => ({}),
  audit: auditMigrations,
};

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a record that has no others
export const FEATURE_NAMES = Object.keys(MIGRATIONS) as readonly FeatureName[];

/** What stands for no feature on the command line. */
const NONE = 'none';

/** @throws UsageError when there is no such feature. */
export const readFeatures = (text: string): readonly FeatureName[] => {
  if (text === NONE) return [];
  return text.split(',').map((name) => {
    const feature = FEATURE_NAMES.find((known) => known === name.trim());
    if (feature === undefined) throw new UsageError(`There is no feature ${JSON.stringify(name)}.`);
    return feature;
  });
};

/** The migrations of the core and of the features named, in their order. */
export const migrationSets = (dialect: Dialect, features: readonly FeatureName[]): MigrationSet[] => [
  { name: 'auth', migrations: authMigrations(dialect) },
  ...FEATURE_NAMES.filter((name) => features.includes(name))
    .map((name) => ({ name: `auth_${name}`, migrations: MIGRATIONS[name](dialect) }))
    .filter(({ migrations }) => Object.keys(migrations).length > 0),
];

/** The features that a store has been migrated for, by the table that keeps what has run. */
export const featuresIn = async ({ dialect, db }: Store): Promise<readonly FeatureName[]> => {
  const tables =
    dialect === 'postgres'
      ? sql<{ name: string }>`select tablename as name from pg_tables where schemaname = current_schema()`
      : sql<{ name: string }>`select name from sqlite_master where type = 'table'`;
  const { rows } = await tables.execute(db);
  const names = new Set(rows.map(({ name }) => name));
  return FEATURE_NAMES.filter((name) => names.has(`auth_${name}_migration`));
};
