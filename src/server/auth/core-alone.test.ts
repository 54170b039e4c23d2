import { readFileSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { createTestKeys } from '#testing/auth.ts';
import { bundleClient } from '#testing/client-bytes.ts';
import { eachEmptyStore } from '#testing/each-store.ts';
import { PASSWORD_REASONS } from '../../shared/auth/index.ts';
import { createAuth } from './create-auth.ts';
import { authMigrationSets } from './migration-sets.ts';
import { checkRouter, policiesOf } from './trpc/policies.ts';
import { router } from './trpc/procedures.ts';

const LOADED = /^(?:import|export)(?! type\b)[^;]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm;

/** All that importing a file loads, at once or later: files of ours, and packages. */
const loadedBy = (entry: string): { files: Set<string>; packages: Set<string> } => {
  const [files, packages] = [new Set<string>(), new Set<string>()];
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const match of readFileSync(file, 'utf8').matchAll(LOADED)) {
      const specifier = match.slice(1).find((found) => found !== undefined) ?? '';
      if (specifier.startsWith('.')) visit(resolve(dirname(file), specifier));
      else packages.add(specifier);
    }
  };
  visit(entry);
  return { files, packages };
};

const here = import.meta.dirname;

test('importing the stack loads no feature of the server, and nothing that only a feature needs', () => {
  const { files, packages } = loadedBy(resolve(here, 'index.ts'));
  const ours = [...files].map((file) => relative(here, file));
  expect(ours).toContain('sessions/rotation.ts');
  expect(ours.filter((file) => file.startsWith('features/'))).toEqual([]);
  expect([...packages]).toContain('jsonwebtoken');
  expect([...packages].filter((name) => /argon2|zxcvbn|nodemailer/.test(name))).toEqual([]);
  // As does the feature itself, so that this test looks for the right names.
  const feature = [...loadedBy(resolve(here, 'features/passwords/index.ts')).packages];
  expect(feature.filter((name) => /argon2|zxcvbn/.test(name))).toHaveLength(2);
});

/** The features of which importing an entry loads what both halves share. */
const sharedBy = (entry: string): string[] => {
  const folder = resolve(here, '../../shared/auth/features');
  const files = [...loadedBy(resolve(here, entry)).files];
  return files.flatMap((file) => (dirname(file) === folder ? basename(file, '.ts') : [])).toSorted();
};

test.each([
  ...['index.ts', 'sqlite.ts', 'postgres.ts', 'drizzle.ts'].map((entry) => ({ entry, features: [] })),
  ...['http/express.ts', 'http/node.ts', 'http/fetch.ts'].map((entry) => ({ entry, features: [] })),
  { entry: 'features/passwords/index.ts', features: ['passwords'] },
  { entry: 'features/audit/index.ts', features: ['audit'] },
  { entry: 'features/mail/index.ts', features: ['mail'] },
  { entry: 'features/recovery/index.ts', features: ['mail', 'passwords', 'recovery'] },
])('importing $entry loads what is shared of no feature but $features', ({ entry, features }) => {
  expect(sharedBy(entry)).toEqual(features);
});

test('a page without features has not a word of one', async () => {
  const code = await bundleClient();
  expect(code).toContain('access_token_expired');
  const words = [...Object.keys(PASSWORD_REASONS), ...Object.values(PASSWORD_REASONS).map(({ message }) => message)];
  expect([...words, 'password_changed', 'passwords'].filter((word) => code.includes(word))).toEqual([]);
}, 60_000);

describe.each(eachEmptyStore)('the core alone, on $dialect,', ({ dialect, open }) => {
  test('makes no table of a feature, has no way to sign in, and serves what it has', async () => {
    const store = await open();
    const { database } = store;
    await database.migrate(authMigrationSets(dialect, []));
    const { rows } = await (dialect === 'postgres'
      ? sql<{
          name: string;
        }>`select table_name as name from information_schema.tables where table_schema = current_schema()`
      : sql<{ name: string }>`select name from sqlite_master where type = 'table' and name not like 'sqlite_%'`
    ).execute(database.db);
    const tables = rows.map(({ name }) => name).filter((name) => !name.includes('migration'));
    expect(tables.toSorted()).toEqual(['auth_flows', 'auth_limits', 'auth_removals', 'auth_sessions', 'auth_users']);

    const auth = createAuth({
      database,
      publicUrl: 'https://app.example',
      ...createTestKeys(),
      features: [],
    });
    expect(Object.keys(auth.routers.auth)).toEqual([
      'refresh',
      'logout',
      'claims',
      'methods',
      'pending',
      'deleteAccount',
    ]);
    const appRouter = router(auth.routers);
    expect([...policiesOf(appRouter).keys()].filter((path) => /login|register/.test(path))).toEqual([]);
    expect(checkRouter(appRouter, auth)).toEqual(
      new Set(['auth.refresh', 'auth.logout', 'auth.pending', 'auth.deleteAccount']),
    );
    await store.remove();
  });
});
