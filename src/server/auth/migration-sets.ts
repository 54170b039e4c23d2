import type { Feature } from './feature.ts';
import { authMigrations } from './store/migrations.ts';
import type { MigrationSet } from './store/store.ts';
import type { Dialect } from './store/tables.ts';

/** The migrations of the core and of the features that an app takes, in their order. */
export const authMigrationSets = (dialect: Dialect, features: readonly Feature[]): MigrationSet[] => [
  { name: 'auth', migrations: authMigrations(dialect) },
  ...features.flatMap(({ name, migrations }) =>
    migrations === undefined ? [] : [{ name: `auth_${name}`, migrations: migrations(dialect) }],
  ),
];
