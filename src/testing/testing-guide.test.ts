import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(resolve(import.meta.dirname, '../..', path), 'utf8');

test('the example in the guide is the one that runs, beside another router', () => {
  const example = /```ts\n(.*?)```/s.exec(read('docs/guides/testing.md'))?.[1];
  expect(example?.replace("'./server.ts'", "'#server/routers/index.ts'")).toBe(
    read('src/testing/testing-guide.example.test.ts'),
  );
});
