import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { describeStore } from './describe-store.ts';

test.each([
  [undefined, 'data', `SQLite in ${resolve('data')}`],
  [undefined, '/var/lib/latchkey', 'SQLite in /var/lib/latchkey'],
  [undefined, 'memory:', 'SQLite in memory, which keeps nothing'],
  [
    'postgres://canary:canary@db.example:5433/app?password=canary',
    '.data',
    'Postgres at db.example:5433, database app',
  ],
  ['postgres://canary:canary@/app?host=/run/pg', '.data', 'Postgres at /run/pg, database app'],
  ['postgres://db.example', '.data', 'Postgres at db.example:5432'],
])('the store of DATABASE_URL %s and DATA_DIR %s is told with its place', (databaseUrl, dataDir, words) => {
  expect(describeStore({ databaseUrl, dataDir })).toBe(words);
});
