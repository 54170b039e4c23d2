import type { Migration } from 'kysely';
import type { Feature } from './feature.ts';
import { authMigrations } from './migrations.ts';
import type { Dialect } from './tables.ts';

/** Migrations that know of no others: each set is kept in a table of its own. */
export interface MigrationSet {
  name: string;
  /** By name; they run in the order of their names. */
  migrations: Record<string, Migration>;
}

/** The migrations of the core and of the features that an app takes, in their order. */
export const authMigrationSets = (dialect: Dialect, features: readonly Feature[]): MigrationSet[] => [
  { name: 'auth', migrations: authMigrations(dialect) },
  ...features.flatMap(({ name, migrations }) =>
    migrations === undefined ? [] : [{ name: `auth_${name}`, migrations: migrations(dialect) }],
  ),
];
