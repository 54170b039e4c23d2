import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PostgresServer, startPostgres } from '#testing/postgres.ts';
import root from '../../package.json' with { type: 'json' };
import { binaryOf, installApp, installRuntimes, NODES } from './runtimes.ts';
import { TARBALL } from './tarball.ts';

const run = promisify(execFile);

const ROOT = resolve(import.meta.dirname, '../..');
const SLOW = 1_800_000;

/** What has to do with the runtime: requests, answers and streams of each host, keys, clocks, stores and processes. */
const SUITES = ['http', 'sessions', 'tokens', 'store'].map((room) => `src/server/auth/${room}`);

const versions: Record<string, string> = { ...root.dependencies, ...root.devDependencies };
const CURRENT = Object.fromEntries(
  [
    '@trpc/server',
    '@trpc/client',
    'zod',
    'express',
    'pg',
    'better-sqlite3',
    '@node-rs/argon2',
    '@zxcvbn-ts/language-common',
    'react',
    'react-dom',
  ].map((name) => [name, versions[name] ?? 'latest']),
);

/**
 * From Node.js 22 on. Version 12, which the repository itself has for Node.js 20, ends the process on Node.js 24.19 and
 * newer 24 when it collects garbage.
 */
const SQLITE = '13.2.0';

/** The lowest that each range of a peer takes. */
const FLOORS = {
  '@trpc/server': '11.15.0',
  '@trpc/client': '11.15.0',
  zod: '3.25.1',
  express: '4.21.0',
  pg: '8.11.0',
  '@node-rs/argon2': '2.0.0',
  '@zxcvbn-ts/language-common': '4.1.2',
  react: '18.0.0',
  'react-dom': '18.0.0',
  '@tanstack/react-query': '5.0.0',
};

const SIGNED_IN = {
  anonymous: 401,
  registered: 200,
  refreshed: 200,
  isNewToken: true,
  user: 'string',
  left: 200,
  loggedIn: 200,
};

const hosts = (...names: string[]): object => Object.fromEntries(names.map((name) => [name, SIGNED_IN]));

let postgres: PostgresServer;

beforeAll(async () => {
  await installRuntimes();
  postgres = await startPostgres();
}, SLOW);
afterAll(() => postgres.stop());

const runIn = async (folder: string, binary: string, script: string, ...args: string[]): Promise<unknown> => {
  await cp(join(import.meta.dirname, 'app', script), join(folder, script));
  const { stdout } = await run(binary, [script, ...args], { cwd: folder });
  return JSON.parse(stdout);
};

/** The sources of the repository with its modules, but for what is compiled for one Node.js: that is of the app. */
const linkRepository = async (app: string): Promise<string> => {
  const [folder, modules] = [join(app, 'repository'), join(ROOT, 'node_modules')];
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'node_modules'), { recursive: true });
  const { stdout } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
  for (const file of stdout.split('\n').filter((file) => file !== '' && !file.startsWith('examples/'))) {
    await cp(join(ROOT, file), join(folder, file));
  }
  for (const name of await readdir(modules)) {
    const source = name === 'better-sqlite3' ? join(app, 'node_modules') : modules;
    await symlink(join(source, name), join(folder, 'node_modules', name));
  }
  return folder;
};

describe.each(NODES)('on Node.js %s', (version) => {
  const binary = binaryOf(`node${version}`);
  let app: string;
  beforeAll(async () => {
    app = await installApp(`node-${version}`, {
      tarball: TARBALL,
      dependencies: { ...CURRENT, 'better-sqlite3': SQLITE },
      node: version,
    });
  }, SLOW);

  test(
    'an app signs in over every host, on SQLite and on Postgres',
    async () => {
      const expected = hosts('express', 'node', 'fetch');
      expect(await runIn(app, binary, 'sign-in.mjs', 'express,node,fetch')).toEqual(expected);
      const { stdout } = await run(binary, ['-v']);
      const schema = stdout.trim().replaceAll('.', '_');
      expect(await runIn(app, binary, 'sign-in.mjs', 'express,node,fetch', postgres.url, schema)).toEqual(expected);
    },
    SLOW,
  );

  test(
    'the tests of hosts, sessions, tokens and stores pass',
    async () => {
      const folder = await linkRepository(app);
      const vitest = join(folder, 'node_modules/vitest/vitest.mjs');
      const patience = ['--testTimeout=180000', '--hookTimeout=180000'];
      await run(binary, [vitest, 'run', '--no-typecheck', ...patience, ...SUITES], {
        cwd: folder,
        maxBuffer: 2 ** 28,
      });
    },
    SLOW,
  );
});

test(
  'with the lowest versions of its peers an app signs in and renders',
  async () => {
    const app = await installApp('floors', { tarball: TARBALL, dependencies: FLOORS });
    const signedIn = await runIn(app, process.execPath, 'sign-in.mjs', 'express,node,fetch', postgres.url, 'floors');
    expect(signedIn).toEqual(hosts('express', 'node', 'fetch'));
    expect(await runIn(app, process.execPath, 'render.mjs')).toEqual({
      version: expect.stringMatching(/^18\.0\.0/),
      html: '<p>restoring</p>',
    });
  },
  SLOW,
);

test(
  'on Bun an app signs in over the fetch standard, on Postgres',
  async () => {
    const { 'better-sqlite3': _, ...dependencies } = CURRENT;
    const app = await installApp('bun', { tarball: TARBALL, dependencies });
    expect(await runIn(app, binaryOf('bun'), 'sign-in.mjs', 'bun', postgres.url, 'bun')).toEqual(hosts('bun'));
  },
  SLOW,
);
