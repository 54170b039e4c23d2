import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expectSignedIn, fillSignIn, somebody } from './support/person.ts';
import { expect, test } from './support/test.ts';

/** What is installed on a server: the build, the command and the libraries, and none of the sources. */
const install = async (folder: string): Promise<void> => {
  for (const path of ['bin', 'dist/server', 'package.json']) await cp(path, join(folder, path), { recursive: true });
  await symlink(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
};

const folders: string[] = [];
test.afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});
const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-e2e-'));
  folders.push(folder);
  return folder;
};

test('the built command makes an account beside the built server, and ends it there at once', async ({
  newServer,
  newVisitor,
}) => {
  test.slow(); // Each command is a process of its own.
  const [home, dataDir] = [await newFolder(), await newFolder()];
  await install(home);
  const server = await newServer({ env: { DATA_DIR: dataDir } });
  const run = async (args: readonly string[], input = '') => {
    const env = { PATH: process.env.PATH, PUBLIC_URL: server.url, DATA_DIR: dataDir };
    const child = spawn(process.execPath, ['bin/latchkey.js', 'user', ...args], { cwd: home, env });
    child.stdin.on('error', () => {}); // A command that is refused does not read it.
    child.stdin.end(input);
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return { code: child.exitCode, out, err };
  };

  const person = somebody();
  const created = await run(['create', person.username, person.email, 'admin', 'user'], `${person.password}\n`);
  expect(created).toMatchObject({
    code: 0,
    out: `${person.username} has an account now, with user and admin for a role.\n`,
  });
  expect(JSON.parse(created.err)).toMatchObject({ event: 'account.created', actor: 'shell' });

  const page = await (await newVisitor()).newPage();
  await page.goto(`${server.url}/sign-in`);
  await fillSignIn(page, person.username, person.password);
  await expectSignedIn(page, person);

  const kept = await run(['disable', person.username]);
  expect(kept.code).toBe(1);
  expect(kept.err).toContain('the last account that can administer');
  expect((await run(['disable', person.username, '--force'])).code).toBe(0);
  await expect(page.getByRole('button', { name: 'Sign out' })).toHaveCount(0);
  await expect(page.getByText('This account has been disabled.')).toBeVisible();
  expect((await run(['list'])).out).toContain(person.username);

  await rm(join(home, 'dist'), { recursive: true });
  const unbuilt = await run(['list']);
  expect([unbuilt.code, unbuilt.out]).toEqual([1, '']);
  expect(unbuilt.err).toMatch(/^[^\n]*npm run build[^\n]*\n$/);
});
