import { expect, test } from 'vitest';
import { createStatementNames } from './statement-names.ts';

test('a statement keeps its name, and no other has it', () => {
  const nameOf = createStatementNames();
  const [one, other] = [nameOf('select 1'), nameOf('update t set a = 1')];
  expect(one).toBeDefined();
  expect(other).not.toBe(one);
  expect([nameOf('select 1'), nameOf('update t set a = 1')]).toEqual([one, other]);
});

test.each(['begin', 'rollback', 'create table t ()', 'set local x = 1', 'alter table t'])('%s has none', (sql) => {
  expect(createStatementNames()(sql)).toBeUndefined();
});

test('there are only so many: a connection keeps them all', () => {
  const nameOf = createStatementNames(2);
  for (const sql of ['select 1', 'select 2']) expect(nameOf(sql)).toBeDefined();
  expect(nameOf('select 3')).toBeUndefined();
  expect(nameOf('select 1')).toBeDefined();
});
