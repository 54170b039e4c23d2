import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
let folder: string;

/** The tests of the stack stay where they are; that of the app goes along. */
const travels = (path: string): boolean =>
  path.includes('testing/bare-app/') || !/\.(test|test-d|fixture)\.tsx?$/.test(path);

/** Nothing but the three auth folders and an app that knows no more of this project. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-bare-'));
  for (const part of ['shared/auth', 'server/auth', 'client/auth', 'testing/bare-app']) {
    cpSync(join(root, 'src', part), join(folder, 'src', part), { recursive: true, filter: travels });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const { name, type, exports } = manifest;
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, type, exports }));
  cpSync(join(root, 'tsconfig.json'), join(folder, 'tsconfig.json'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the three auth folders and their test kit compile by themselves, in an app with another context and another router', async () => {
  await run(join(root, 'node_modules/.bin/tsc'), ['--noEmit', '-p', folder]);
}, 60_000);

/** As an app writes it that has other roles than the stack's. */
const OWN_ROLES = `
  import { type AuthOptions, roleProcedure } from 'latchkey/server';
  declare module './shared/auth/roles.ts' {
    interface Register {
      role: 'member' | 'editor';
    }
  }
  export const editorProcedure = roleProcedure('editor');
  // @ts-expect-error -- nobody registered it
  export const adminProcedure = roleProcedure('admin');
  export const roles: AuthOptions['roles'] = ['member', 'editor'];
`;

test('an app registers roles of its own, and the three folders compile with them', async () => {
  writeFileSync(join(folder, 'src/roles.ts'), OWN_ROLES);
  await run(join(root, 'node_modules/.bin/tsc'), ['--noEmit', '-p', folder]);
  rmSync(join(folder, 'src/roles.ts'));
}, 60_000);

test('an app that takes the three folders signs in its own members', async () => {
  const { stdout } = await run(process.execPath, ['--import', 'tsx', 'src/testing/bare-app/main.ts'], { cwd: folder });
  expect(JSON.parse(stdout)).toEqual({
    anonymous: 'anonymous',
    id: 'member-1',
    plan: 'gold',
    sessions: 1,
    // The server says so, unless the tab has seen it before.
    after: expect.stringMatching(/Your session was ended|Sign in to continue/),
    signedOut: 'anonymous',
  });
}, 60_000);

test('an app that takes the three folders tests itself with the kit', async () => {
  const { stdout } = await run(join(root, 'node_modules/.bin/vitest'), ['run', '--reporter=json'], { cwd: folder });
  expect(JSON.parse(stdout)).toMatchObject({ success: true, numPassedTests: 1, numTotalTests: 1 });
}, 60_000);
