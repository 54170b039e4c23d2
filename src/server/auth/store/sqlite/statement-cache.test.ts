import BetterSqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { cacheStatements } from './statement-cache.ts';

const counted = (limit?: number) => {
  const file = new BetterSqlite(':memory:');
  file.exec('create table t (id integer)');
  const prepared: string[] = [];
  const cached = cacheStatements(
    {
      prepare: (sql) => {
        prepared.push(sql);
        return file.prepare(sql);
      },
      close: () => file.close(),
    },
    limit,
  );
  return { cached, prepared, file };
};

test('a statement is prepared once, however often it runs', () => {
  const { cached, prepared } = counted();
  for (const id of [1, 2, 3]) cached.prepare('insert into t values (?)').run([id]);
  expect(prepared).toHaveLength(1);
  expect(cached.prepare('select id from t').all([])).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
});

test('the statement that was not used for longest makes room', () => {
  const { cached, prepared } = counted(2);
  for (const sql of ['select 1', 'select 2', 'select 1', 'select 3', 'select 1', 'select 2'])
    cached.prepare(sql).all([]);
  expect(prepared).toEqual(['select 1', 'select 2', 'select 3', 'select 2']);
});

test('a cached statement sees a column that was added since', () => {
  const { cached, file } = counted();
  cached.prepare('insert into t values (?)').run([1]);
  cached.prepare('select * from t').all([]);
  file.exec('alter table t add column word text');
  expect(cached.prepare('select * from t').all([])).toEqual([{ id: 1, word: null }]);
});

test('a stream does not keep the statement from running beside it', () => {
  const { cached } = counted();
  for (const id of [1, 2]) cached.prepare('insert into t values (?)').run([id]);
  const rows = cached.prepare('select id from t').iterate([]);
  rows.next();
  expect(cached.prepare('select id from t').all([])).toHaveLength(2);
  expect(cached.prepare('select id from t').iterate([]).next().value).toEqual({ id: 1 });
});
