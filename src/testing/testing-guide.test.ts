import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(resolve(import.meta.dirname, '../..', path), 'utf8');

test('the example in docs/testing.md is the one that runs', () => {
  const example = /```ts\n(.*?)```/s.exec(read('docs/testing.md'))?.[1];
  expect(example).toBe(read('src/testing/testing-guide.example.test.ts'));
});
