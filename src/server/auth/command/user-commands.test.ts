import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod/v4';
import { type AppServer, startAppServer } from '#testing/app-server.ts';
import { createTestSecret } from '#testing/auth.ts';
import { eachStore } from '#testing/each-store.ts';
import { processEntry } from '#testing/process-entry.ts';
import { createTestDatabase } from '#testing/test-database.ts';
import { runCommand } from './run-command.ts';

/** Each command is a process. */
const TIMEOUT = 60_000;
const PASSWORD = 'correct horse battery staple';
const NEW_PASSWORD = 'another horse  battery staple ';

const cleanUps: (() => unknown)[] = [];
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const locationOf = async (dialect: 'sqlite' | 'postgres'): Promise<Record<string, string>> => {
  if (dialect === 'postgres') {
    const { url, drop } = await createTestDatabase();
    cleanUps.push(drop);
    return { DATABASE_URL: url };
  }
  const DATA_DIR = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
  cleanUps.push(() => rmSync(DATA_DIR, { recursive: true, force: true }));
  return { DATA_DIR };
};

const spawnCommand = async (program: string, env: Record<string, string>, args: readonly string[], input: string) => {
  const child = spawn(process.execPath, [program, ...args], { env: { PATH: process.env.PATH, ...env } });
  children.push(child);
  child.stdin.on('error', () => {}); // A command that is refused does not read it.
  child.stdin.end(input);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, out, err };
};

/** `npm run user -- <args>`, with something on standard input. */
const runScript = (env: Record<string, string>, args: readonly string[], input: string) =>
  spawnCommand('bin/latchkey.js', env, ['user', ...args], input);

/** The same from sources that were compiled before. */
const run = (env: Record<string, string>, args: readonly string[], input = '') =>
  spawnCommand(processEntry('command'), env, ['user', ...args], input);

/** The same within this process. */
const runHere = async (env: Record<string, string>, args: readonly string[], input = '') => {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const written = Promise.all([text(stdout), text(stderr)]);
  stdin.end(input);
  const code = await runCommand(['user', ...args], env, { stdin, stdout, stderr }, { defaultSchema: 'public' });
  stdout.end();
  stderr.end();
  const [out, err] = await written;
  return { code, out, err };
};

const auditSchema = z.looseObject({
  event: z.string(),
  requestId: z.string(),
  userId: z.string(),
  systemUser: z.string(),
});

/** The events in what a command wrote on standard error. */
const auditOf = ({ err }: { err: string }): string[] =>
  err
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => auditSchema.parse(JSON.parse(line)).event);

const grantSchema = z.object({
  result: z.object({ data: z.object({ accessToken: z.string(), user: z.object({ roles: z.array(z.string()) }) }) }),
});
const refusalSchema = z.object({
  error: z.object({ data: z.object({ reason: z.string(), cause: z.string().optional() }) }),
});

const headers = { 'x-latchkey': '1', 'content-type': 'application/json' };

const login = async (server: AppServer, username: string, password = PASSWORD) => {
  const body = JSON.stringify({ username, password });
  const response = await fetch(`${server.url}/api/trpc/auth.login`, { method: 'POST', headers, body });
  if (!response.ok) return refusalSchema.parse(await response.json()).error.data;
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ');
  return { cookie, ...grantSchema.parse(await response.json()).result.data };
};

type Session = Awaited<ReturnType<typeof login>>;

/** `ok`, or why the access token is refused. */
const claims = async (server: AppServer, session: Session): Promise<string> => {
  if (!('accessToken' in session)) return 'nobody signed in';
  const authorization = `Bearer ${session.accessToken}`;
  const response = await fetch(`${server.url}/api/trpc/auth.claims`, { headers: { authorization } });
  if (response.ok) return 'ok';
  const { reason, cause } = refusalSchema.parse(await response.json()).error.data;
  return [reason, cause].filter(Boolean).join(': ');
};

const refreshedRoles = async (server: AppServer, session: Session): Promise<string[]> => {
  const cookie = 'cookie' in session ? session.cookie : '';
  const options = { method: 'POST', headers: { ...headers, cookie } };
  const response = await fetch(`${server.url}/api/trpc/auth.refresh`, options);
  return grantSchema.parse(await response.json()).result.data.user.roles;
};

describe.each(eachStore)('beside running servers on $dialect', ({ dialect }) => {
  let env: Record<string, string>;
  let servers: AppServer[];

  beforeEach(async () => {
    env = await locationOf(dialect);
    const secrets = {
      ACCESS_TOKEN_SECRET: createTestSecret(),
      REFRESH_TOKEN_SECRET: createTestSecret(),
      DATA_SECRET: createTestSecret(),
    };
    servers = [];
    for (let count = dialect === 'postgres' ? 2 : 1; count > 0; count -= 1) {
      const server = await startAppServer({ ...secrets, ...env });
      cleanUps.push(() => server.stop());
      servers.push(server);
    }
  });

  const onAll = async (session: Session, expected: string) => {
    for (const server of servers) await vi.waitFor(async () => expect(await claims(server, session)).toBe(expected));
  };

  test(
    'what it writes takes effect on every server at once',
    async () => {
      const [first] = servers;
      if (first === undefined) throw new Error('There is no server.');
      const created = await run(env, ['create', 'Ada', 'ada@mail.example'], `${PASSWORD}\n`);
      expect(created).toMatchObject({ code: 0, out: 'Ada has an account now, with user for a role.\n' });
      expect(auditOf(created)).toEqual(['account.created']);

      let session = await login(first, 'ada');
      await onAll(session, 'ok');
      expect((await runHere(env, ['grant', 'ADA', 'admin'])).out).toBe('Ada has the role admin now.\n');
      await onAll(session, 'access_token_stale');
      expect(await refreshedRoles(first, session)).toEqual(['user', 'admin']);
      expect((await runHere(env, ['grant', 'ada@mail.example', 'admin'])).out).toBe(
        'Ada has the role admin already.\n',
      );
      expect((await runHere(env, ['revoke', 'ada', 'user'])).out).toBe('Ada no longer has the role user.\n');

      session = await login(first, 'ada');
      const ended = await run(env, ['end-sessions', 'ada']);
      expect(ended.out).toBe('2 sessions of Ada ended.\n');
      expect(auditOf(ended)).toEqual(['session.ended', 'session.ended']);
      await onAll(session, 'session_revoked: ended_by_admin');

      session = await login(first, 'ada');
      const replaced = await runHere(env, ['set-password', 'ada'], `${NEW_PASSWORD}\nand more`);
      expect(replaced.out).toBe('Ada has a new password, and all sessions have ended.\n');
      await onAll(session, 'session_revoked: password_changed');
      expect(await login(first, 'ada')).toEqual({ reason: 'invalid_credentials' });

      session = await login(first, 'ada', NEW_PASSWORD);
      await onAll(session, 'ok');
      expect((await runHere(env, ['disable', 'ada', '--force'])).code).toBe(0);
      await onAll(session, 'session_revoked: account_disabled');
      expect(await login(first, 'ada', NEW_PASSWORD)).toEqual({ reason: 'invalid_credentials' });
      const { out } = await runHere(env, ['list']);
      expect(out).toMatch(/^USERNAME.*\nAda {7}ada@mail\.example {2}admin {2}\d{4}-\d\d-\d\d {2}\d{4}-\d\d-\d\d\n$/);
      expect((await runHere(env, ['enable', 'ada'])).out).toBe('Ada can sign in again.\n');
      expect(await login(first, 'ada', NEW_PASSWORD)).toHaveProperty('accessToken');
    },
    TIMEOUT,
  );
});

test(
  'an administrator can be made before the first server starts',
  async () => {
    const env = await locationOf('sqlite');
    const { code } = await runScript(env, ['create', 'root', 'root@mail.example', 'admin', 'user'], PASSWORD);
    expect(code).toBe(0);
    const server = await startAppServer(env);
    cleanUps.push(() => server.stop());
    expect(await login(server, 'root')).toMatchObject({ user: { roles: ['user', 'admin'] } });
  },
  TIMEOUT,
);

test('each change is a line of JSON on standard error, with who did what to whom, and nothing secret', async () => {
  const env = await locationOf('sqlite');
  const all: [string, string[], string?][] = [
    ['account.created', ['create', 'ada', 'ada@mail.example', 'admin', 'user'], PASSWORD],
    ['account.created', ['create', 'eve', 'eve@mail.example'], PASSWORD],
    ['role.granted', ['grant', 'eve', 'admin']],
    ['role.revoked', ['revoke', 'ada', 'admin']],
    ['account.disabled', ['disable', 'ada']],
    ['account.enabled', ['enable', 'ada']],
    ['password.changed', ['set-password', 'ada'], NEW_PASSWORD],
    ['last_admin.kept', ['disable', 'eve']],
    ['account.disabled', ['disable', 'eve', '--force']],
  ];
  const ids = new Set<unknown>();
  for (const [event, args, input] of all) {
    const { err } = await runHere(env, args, input);
    const [line = '', ...others] = err.split('\n');
    const record = auditSchema.parse(JSON.parse(line));
    expect(record).toMatchObject({ level: 'info', msg: 'auth', event, actor: 'shell', ip: null });
    expect(record.systemUser).not.toBe('');
    expect(record.userId).toMatch(/^[\w-]{36}$/);
    ids.add(record.requestId);
    expect(others.filter((other) => other.startsWith('{'))).toEqual([]);
    for (const secret of [PASSWORD, NEW_PASSWORD.trim(), 'argon2']) expect(err).not.toContain(secret);
  }
  expect(ids.size).toBe(all.length);

  for (const args of [['list'], ['grant', 'ada', 'user'], ['enable', 'ada'], ['end-sessions', 'ada']]) {
    expect(await runHere(env, args)).toMatchObject({ code: 0, err: '' });
  }
});

test('the last account that can administer stays one, unless that is forced', async () => {
  const env = await locationOf('sqlite');
  await runHere(env, ['create', 'ada', 'ada@mail.example', 'admin', 'user'], PASSWORD);
  await runHere(env, ['create', 'eve', 'eve@mail.example', 'admin'], PASSWORD);
  expect((await runHere(env, ['disable', 'eve'])).code).toBe(0);
  for (const args of [
    ['revoke', 'ada', 'admin'],
    ['disable', 'ada'],
  ]) {
    const { code, out, err } = await runHere(env, args);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('\nThis is the last account that can administer. Make another one first, or add --force.\n');
  }
  expect((await runHere(env, ['revoke', 'ada', 'user'])).code).toBe(0);
  expect((await runHere(env, ['--force', 'disable', 'ada'])).code).toBe(2);
  expect((await runHere(env, ['enable', 'ada', '--force'])).code).toBe(2);
  expect(await runHere(env, ['revoke', 'ada', 'admin', '--force'])).toMatchObject({
    code: 0,
    out: 'ada no longer has the role admin.\n',
  });
});

test('what is refused is said in one line, with 1', async () => {
  const env = await locationOf('sqlite');
  const refused = async (args: readonly string[], input?: string, variables = env) => {
    const { code, out, err } = await runHere(variables, args, input);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^[^\n]+\n$/);
    return err;
  };
  expect(await refused(['grant', 'nobody', 'admin'])).toBe('There is no account "nobody".\n');
  expect(await refused(['create', 'ada', 'ada@mail.example'])).toBe('There is no password on standard input.\n');
  expect(await refused(['create', 'ada', 'ada@mail.example'], 'password1')).toContain('too easy to guess');
  expect(await refused(['create', 'ada', 'ada@mail.example'], 'short')).toContain('at least 8');
  expect(await refused(['create', 'a', 'ada@mail.example'], PASSWORD)).toContain('username cannot be used');
  expect(await refused(['list'], '', { DATA_DIR: 'memory:' })).toContain('DATA_DIR');
  expect(await refused(['list'], '', { DATABASE_URL: 'mysql://x' })).toContain('DATABASE_URL must be');
  const away = await refused(['list'], '', { DATABASE_URL: 'postgres://me:canary@127.0.0.1:1/nothing' });
  expect(away).toContain('does not answer');
  expect(away).not.toContain('canary');
});

test('what is no command is answered with how it is used, and 2', async () => {
  const env = await locationOf('sqlite');
  const misused = [[], ['crate'], ['grant', 'ada'], ['grant', 'ada', 'root'], ['set-password', 'ada', PASSWORD]];
  for (const args of misused) {
    const { code, out, err } = await runHere(env, args);
    expect([args, code, out]).toEqual([args, 2, '']);
    expect(err).toMatch(/^[^\n]+\n\nUsage: latchkey <command>\n/);
    expect(err).not.toContain(PASSWORD);
  }
  const { code, out, err } = await runHere(env, ['--help']);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^Usage: /);
});
