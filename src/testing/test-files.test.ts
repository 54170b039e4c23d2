import { expect, test } from 'vitest';
import { findTestFiles } from './test-files.ts';

test('each test file is in one list, and those that change the process that they run in are alone', () => {
  const { alone, together } = findTestFiles(process.cwd());
  expect(alone).toEqual(
    expect.arrayContaining([
      'src/client/auth/react/react.test.tsx', // happy-dom
      'src/server/auth/features/passwords/hashing-threads.test.ts', // vi.mock
      'src/testing/simulator/mutations.test.ts', // vi.doMock
    ]),
  );
  expect(together).toEqual(expect.arrayContaining(['lint/comment-width.test.ts', 'package/package.test.ts']));
  expect(new Set([...alone, ...together]).size).toBe(alone.length + together.length);
  expect([...alone, ...together].filter((file) => /node_modules|^package\/nodes/.test(file))).toEqual([]);
});
