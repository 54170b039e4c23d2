import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { describeStore } from './describe-store.ts';

test.each([
  [undefined, 'public', 'data', `SQLite in ${resolve('data')}`],
  [undefined, 'public', '/var/lib/latchkey', 'SQLite in /var/lib/latchkey'],
  [undefined, 'public', 'memory:', 'SQLite in memory, which keeps nothing'],
  [
    'postgres://canary:canary@db.example:5433/app?password=canary',
    'public',
    '.data',
    'Postgres at db.example:5433, database app',
  ],
  ['postgres://canary:canary@/app?host=/run/pg', 'public', '.data', 'Postgres at /run/pg, database app'],
  ['postgres://db.example', 'public', '.data', 'Postgres at db.example:5432'],
  ['postgres://db.example/app', 'people', '.data', 'Postgres at db.example:5432, database app, schema people'],
])(
  'the store of DATABASE_URL %s, schema %s and DATA_DIR %s is told with its place',
  (databaseUrl, databaseSchema, dataDir, words) => {
    expect(describeStore({ databaseUrl, databaseSchema, dataDir })).toBe(words);
  },
);
