import { policiesOf } from 'latchkey/server';
import { expect, test } from 'vitest';
import { appRouter } from './index.ts';

test('every procedure of the app declares its policy', () => {
  const policies = [...policiesOf(appRouter)].map(([path, policy]) => `${path}: ${policy}`);
  expect(policies).toContain('notes.list: protected');
  expect(policies.filter((line) => line.startsWith('notes.') && !line.endsWith(': protected'))).toEqual([]);
});
