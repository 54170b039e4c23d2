import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Migration } from 'kysely';
import { authMigrationSets } from 'latchkey/server';
import { afterEach, expect, test } from 'vitest';
import { createStore } from '#server/database/index.ts';
import { freePort } from '#testing/free-port.ts';
import { endServerChildren, type ServerChild, startServerChild } from '#testing/server-child.ts';

/** A whole server starts in each of these. */
const TIMEOUT = 60_000;

afterEach(endServerChildren);

const startDev = (env: Record<string, string>): ServerChild => startServerChild('dev', env);

const takePort = async (): Promise<{ port: number; free: () => Promise<void> }> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('There is no port.');
  return {
    port: address.port,
    free: async () => {
      server.close();
      await once(server, 'close');
    },
  };
};

test(
  'npm run dev prints its address in one line, answers there with the page and its sources, and a signal ends it cleanly',
  async () => {
    const port = await freePort();
    const { child, stdout, stderr, ended } = startServerChild(
      'dev',
      { PORT: String(port), LOG_LEVEL: 'warn', NODE_ENV: 'production' },
      { command: [process.execPath, 'bin/dev.js'] },
    );
    await expect.poll(stdout, { timeout: TIMEOUT }).toBe(`Latchkey is ready at http://localhost:${port}\n`);

    const load = (path: string) => fetch(`http://localhost:${port}${path}`, { headers: { accept: 'text/html' } });
    const page = await load('/sign-in');
    expect(await page.text()).toContain('/@vite/client');
    // Or a page would not load again by itself when the server is started again.
    expect(page.headers.get('content-security-policy')).toContain("worker-src 'self' blob:");
    const router = await load('/src/client/app/router.tsx');
    expect(router.headers.get('content-type')).toContain('javascript');
    expect(await router.text()).toContain('"DEV": true');
    expect(stderr()).toBe('');
    // Neither the server's sources, nor what else lies in the folder, goes out.
    for (const path of [
      '/src/server/config/config.ts',
      '/package.json',
      '/package.json?raw',
      '/.env.example',
      `/@fs${process.cwd()}/package.json`,
    ]) {
      expect([path, (await load(path)).status]).toEqual([path, 403]);
    }

    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
  },
  TIMEOUT,
);

test(
  'a port that is taken is said in one line',
  async () => {
    const { port, free } = await takePort();
    const { stdout, stderr, ended } = startDev({ PORT: String(port) });
    expect(await ended).toEqual([1, null]);
    expect(stderr()).toBe(`Port ${port} is taken by another program. Stop it, or choose another one with PORT.\n`);
    expect(stdout()).toBe('');
    await free();
  },
  TIMEOUT,
);

test(
  'a store of a newer build is refused in one line',
  async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-run-'));
    try {
      const location = { dataDir, poolSize: 1 };
      const database = createStore(location);
      const next: Migration = { up: () => Promise.resolve() };
      const [core] = authMigrationSets('sqlite', []);
      await database.migrate([{ name: 'auth', migrations: { ...core?.migrations, '999_of_tomorrow': next } }]);
      await database.close();
      const { ended, stdout, stderr } = startDev({ PORT: String(await freePort()), DATA_DIR: dataDir });
      expect(await ended).toEqual([1, null]);
      expect(stderr()).toMatch(/^The store was migrated by another build, [^\n]+\n$/);
      expect(stdout()).toBe('');
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
  TIMEOUT,
);

test(
  'a database that does not answer is said in one line',
  async () => {
    const { stderr, ended } = startDev({ DATABASE_URL: 'postgres://me:canary@127.0.0.1:1/nothing' });
    expect(await ended).toEqual([1, null]);
    expect(stderr()).toMatch(/^The database of DATABASE_URL does not answer: [^\n]+\n$/);
    expect(stderr()).not.toContain('canary');
  },
  TIMEOUT,
);

test(
  'a file of variables that cannot be read exactly is said in one line, and nothing of it; one that can decides about the store',
  async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'latchkey-env-'));
    const env = join(cwd, '.env');
    const startIn = (): ServerChild => startServerChild('defective-server', { PORT: '1' }, { cwd });

    writeFileSync(env, 'DATABASE_URL=postgres://me:canary#1@127.0.0.1:1/nothing\n');
    const refused = startIn();
    expect(await refused.ended).toEqual([1, null]);
    expect(refused.stderr()).toMatch(/^Line 1 of \.env has a # in its value: [^\n]+\n$/);
    expect(refused.stderr()).not.toContain('canary');

    writeFileSync(env, '\uFEFFLOG_LEVEL=warn\r\n   \r\nDATABASE_URL=postgres://me:canary@127.0.0.1:1/nothing\r\n');
    const read = startIn();
    expect(await read.ended).toEqual([1, null]);
    expect(read.stderr()).toMatch(/^The database of DATABASE_URL does not answer: [^\n]+\n$/);
    rmSync(cwd, { recursive: true });
  },
  TIMEOUT,
);

test.runIf(process.platform === 'linux')(
  'a disk without room is said in one line',
  async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-full-'));
    symlinkSync('/dev/full', join(dataDir, 'server.pid'));
    const { stdout, stderr, ended } = startDev({ DATA_DIR: dataDir });
    expect(await ended).toEqual([1, null]);
    expect(stderr()).toBe(`The data directory ${dataDir} cannot be used: there is no room on its disk (ENOSPC).\n`);
    expect(stdout()).toBe('');
    rmSync(dataDir, { recursive: true });
  },
  TIMEOUT,
);

test(
  'variables that are wrong are said in a line each',
  async () => {
    const { stderr, ended } = startDev({ PORT: 'x', REFRESH_LEEWAY: '0' });
    expect(await ended).toEqual([1, null]);
    expect(stderr()).toBe(
      'PORT must be a whole number from 1 to 65535.\nREFRESH_LEEWAY must be a whole number from 1 to 300.\n',
    );
  },
  TIMEOUT,
);

test(
  'a rejection that nobody took notice of is logged, and ends nothing; an exception that nobody caught is logged, and ends the process',
  async () => {
    const port = await freePort();
    const { stdout, stderr, ended } = startServerChild('defective-server', { PORT: String(port) });
    const load = async (path: string) => (await fetch(`http://localhost:${port}${path}`)).text();
    await expect.poll(() => load('/').catch(() => 'no answer'), { timeout: TIMEOUT }).toBe('answered');

    expect(await load('/rejects')).toBe('answered');
    await expect.poll(stdout).toMatch(/"level":"error".*nobody waits for this.*"msg":"Unhandled promise rejection/);
    expect(await load('/')).toBe('answered');

    expect(await load('/throws')).toBe('answered');
    expect(await ended).toEqual([1, null]);
    expect(stdout()).toMatch(/"level":"fatal".*nobody catches this.*"msg":"Uncaught exception"/);
    expect(stdout()).toMatch(/"durationMs":\d+,"msg":"Stopped"\}\n$/);
    expect(stderr()).toBe('');
  },
  TIMEOUT,
);
