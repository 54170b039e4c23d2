import { expect, test } from 'vitest';
import { brokenWall } from './walls.js';

const wall = (from: string, specifier: string, typeOnly = false) => brokenWall({ from, specifier, typeOnly });

test('shared imports neither side, and nothing of Node.js', () => {
  expect(wall('src/shared/notes.ts', '#server/config.ts', true)).toMatch(/imports neither/);
  expect(wall('src/shared/notes.ts', '../client/app/app.tsx')).toMatch(/imports neither/);
  expect(wall('src/shared/notes.ts', 'node:fs')).toMatch(/nothing of Node.js/);
  expect(wall('src/shared/notes.ts', 'latchkey/shared')).toBeNull();
  expect(wall('src/shared/notes.ts', 'zod')).toBeNull();
});

test('the client imports the server by types only', () => {
  expect(wall('src/client/app/trpc.ts', '#server/routers/app.ts', true)).toBeNull();
  expect(wall('src/client/app/trpc.ts', '#server/routers/app.ts')).toMatch(/import type/);
  expect(wall('src/client/auth/link.test.ts', '../../server/auth/index.ts')).toBeNull();
});

test('the server imports nothing of the client', () => {
  expect(wall('src/server/main.ts', '#client/auth/index.ts', true)).toMatch(/nothing of the client/);
});

test('the auth folders import each other and packages alone, by relative paths', () => {
  expect(wall('src/server/auth/http/guard.ts', '../../../shared/auth/reasons.ts')).toBeNull();
  expect(wall('src/server/auth/http/guard.ts', '@trpc/server')).toBeNull();
  expect(wall('src/server/auth/http/guard.ts', '../../config.ts')).toMatch(/nothing of the app/);
  expect(wall('src/server/auth/http/guard.ts', '../../../shared/notes.ts')).toMatch(/nothing of the app/);
  expect(wall('src/server/auth/http/guard.ts', '#shared/auth/index.ts')).toMatch(/relative paths/);
  expect(wall('src/server/auth/http/guard.ts', 'latchkey/shared')).toMatch(/relative paths/);
});

test('the app reaches an auth folder by an entry of the package only', () => {
  expect(wall('src/server/main.ts', 'latchkey/server')).toBeNull();
  expect(wall('src/server/main.ts', 'latchkey/client', true)).toMatch(/nothing of the client/);
  expect(wall('src/server/main.ts', './auth/index.ts')).toMatch(/latchkey\/server/);
  expect(wall('src/server/main.test.ts', '#server/auth/index.ts')).toMatch(/latchkey\/server/);
  expect(wall('src/server/main.ts', './auth/http/guard.ts')).toMatch(/latchkey\/server/);
  expect(wall('src/client/app/app.tsx', 'latchkey/react')).toBeNull();
  expect(wall('src/client/app/app.tsx', 'latchkey/server')).toMatch(/import type/);
  expect(wall('src/client/app/app.tsx', 'latchkey/testing')).toMatch(/Only tests/);
  expect(wall('e2e/fixtures/page.ts', '../../src/client/auth/engine.ts')).toMatch(/latchkey\/server/);
  expect(wall('bench/people.ts', '../src/server/auth/index.ts')).toBeNull();
  expect(wall('bench/people.ts', '../src/server/auth/http/guard.ts')).toMatch(/latchkey\/server/);
});

test('React stays in one file of the client half', () => {
  expect(wall('src/client/auth/engine.ts', 'react')).toMatch(/Only src.client.auth.react/);
  expect(wall('src/client/auth/engine.ts', 'react-dom/client')).toMatch(/Only src.client.auth.react/);
  expect(wall('src/client/auth/react/index.tsx', 'react')).toBeNull();
  expect(wall('src/client/app/app.tsx', 'react')).toBeNull();
});

test('the test kit has nothing of the server half', () => {
  const rotation = '../../../server/auth/sessions/rotation.ts';
  expect(wall('src/client/auth/testing/server.ts', rotation)).toMatch(/nothing of the server half/);
  expect(wall('src/client/auth/testing/kit.test.ts', rotation)).toBeNull();
  expect(wall('src/client/auth/testing/server.ts', '../../../shared/auth/rotation.ts')).toBeNull();
});

test('only tests import the testing folder', () => {
  expect(wall('src/server/main.ts', '#testing/postgres.ts')).toMatch(/Only tests/);
  expect(wall('src/server/main.test.ts', '#testing/postgres.ts')).toBeNull();
  expect(wall('src/server/auth/store.test.ts', '#testing/postgres.ts')).toBeNull();
  expect(wall('bench/main.ts', '#testing/postgres.ts')).toBeNull();
});

test('paths across folders are written by their alias', () => {
  expect(wall('src/server/main.ts', '../shared/notes.ts')).toMatch(/#shared/);
  expect(wall('src/server/routers/notes.ts', '../config.ts')).toBeNull();
});
