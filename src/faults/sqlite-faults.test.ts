import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { reasonOf } from 'latchkey/server';
import { afterEach, expect, test, vi } from 'vitest';
import { createStore } from '#server/database/index.ts';
import { startAppServer } from '#testing/app-server.ts';
import { createTestAuth } from '#testing/auth.ts';
import { createBrowser } from './browser.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const createDataDir = (): string => {
  const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-faults-'));
  cleanUps.push(() => rmSync(dataDir, { recursive: true, force: true }));
  return dataDir;
};

const UNAVAILABLE = { status: 503, reason: 'unavailable', setCookies: [] };

test('another process holds the file: who writes is told so, who reads is served, and nobody is signed out', async () => {
  const dataDir = createDataDir();
  const server = await startAppServer({ DATA_DIR: dataDir, PUBLIC_URL: 'http://localhost' });
  cleanUps.push(() => server.stop());
  const browser = createBrowser(() => server.url);
  const input = { username: 'ada', email: 'ada@mail.example', password: 'correct horse battery staple' };
  expect(await browser.call('auth.register', { input })).toMatchObject({ status: 200 });
  const before = new Map(browser.cookies);

  const beside = createStore({ dataDir, poolSize: 1 });
  cleanUps.push(() => beside.close());
  await beside.db.transaction().execute(async () => {
    expect(await browser.call('notes.create', { input: { text: 'Buy milk' } })).toMatchObject(UNAVAILABLE);
    expect(await browser.call('auth.logout')).toMatchObject(UNAVAILABLE);
    expect(await browser.call('auth.claims', { method: 'GET' })).toMatchObject({ status: 200 });
    expect(await browser.call('user.me', { method: 'GET' })).toMatchObject({ status: 200 });
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    expect(browser.cookies).toEqual(before);
  });
  expect(await browser.call('notes.create', { input: { text: 'Buy milk' } })).toMatchObject({ status: 200 });
});

test('the disk is full: who needs room is told so, the others are served, and all goes on when there is room', async () => {
  const location = { dataDir: createDataDir(), poolSize: 1 };
  const database = createStore(location);
  cleanUps.push(() => database.close());
  const kit = await createTestAuth({ database });
  cleanUps.push(() => kit.stop());
  const owner = kit.openBrowser();
  await owner.register('ada');

  // As many pages as there are.
  await sql`pragma max_page_count = 1`.execute(database.db);
  const registerMany = async () => {
    for (let person = 0; person < 100; person += 1) await kit.openBrowser().register(`person_${person}`);
  };
  expect(await registerMany().catch(reasonOf)).toBe('unavailable');
  kit.clock.advance(10 * 60_000);
  await owner.refresh();
  await owner.call().user.me();
  await sql`pragma max_page_count = 1000000`.execute(database.db);
  await kit.openBrowser().register('somebody');
});

const FILES = ['latchkey.sqlite', 'latchkey.sqlite-wal', 'latchkey.sqlite-shm'];

const losses = [
  {
    loss: 'removed',
    lose: (dataDir: string) => {
      for (const file of FILES) rmSync(join(dataDir, file));
    },
  },
  { loss: 'removed with its folder', lose: (dataDir: string) => rmSync(dataDir, { recursive: true }) },
  {
    loss: 'moved away',
    lose: (dataDir: string) => renameSync(join(dataDir, 'latchkey.sqlite'), join(dataDir, 'elsewhere.sqlite')),
  },
  {
    loss: 'replaced by a backup',
    lose: (dataDir: string) => {
      copyFileSync(join(dataDir, 'latchkey.sqlite'), join(dataDir, 'backup.sqlite'));
      for (const file of FILES.slice(1)) rmSync(join(dataDir, file));
      renameSync(join(dataDir, 'backup.sqlite'), join(dataDir, 'latchkey.sqlite'));
    },
  },
];

test.each(losses)(
  'the file is $loss: nothing is acknowledged from then on, and the log and readyz say so',
  async ({ lose }) => {
    const parent = createDataDir();
    const dataDir = join(parent, 'data');
    mkdirSync(dataDir);
    const server = await startAppServer({ DATA_DIR: dataDir, PUBLIC_URL: 'http://localhost', RATE_LIMIT: 'off' });
    cleanUps.push(() => server.stop());
    const browser = createBrowser(() => server.url);
    const input = { username: 'ada', email: 'ada@mail.example', password: 'correct horse battery staple' };
    expect(await browser.call('auth.register', { input })).toMatchObject({ status: 200 });
    const before = new Map(browser.cookies);

    lose(dataDir);
    for (const [path, call] of Object.entries({
      'notes.create': { input: { text: 'Into nothing' } },
      'notes.list': { method: 'GET' as const },
      'auth.refresh': {},
      'auth.logout': {},
      'auth.register': { input: { ...input, username: 'bob', email: 'bob@mail.example' } },
    })) {
      expect({ path, answer: await browser.call(path, call) }).toMatchObject({ path, answer: UNAVAILABLE });
    }
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    await vi.waitFor(
      async () => expect(await browser.call('auth.claims', { method: 'GET' })).toMatchObject(UNAVAILABLE),
      { timeout: 5000 },
    );
    expect(browser.cookies).toEqual(before);
    const said = server.log.records().filter(({ msg }) => String(msg).startsWith('The database file is gone'));
    expect(said).toMatchObject([{ level: 'error' }]);
  },
);

test('a file that nobody asks for is missed by the look for writes of others, and is good again when it is back', async () => {
  const dataDir = createDataDir();
  const server = await startAppServer({ DATA_DIR: dataDir, PUBLIC_URL: 'http://localhost' });
  cleanUps.push(() => server.stop());
  const browser = createBrowser(() => server.url);
  const input = { username: 'ada', email: 'ada@mail.example', password: 'correct horse battery staple' };
  expect(await browser.call('auth.register', { input })).toMatchObject({ status: 200 });

  const [here, there] = [join(dataDir, 'latchkey.sqlite'), join(dataDir, 'elsewhere.sqlite')];
  renameSync(here, there);
  await vi.waitFor(() => expect(server.log.text()).toContain('The database file is gone'), { timeout: 5000 });
  renameSync(there, here);
  await vi.waitFor(async () => expect((await fetch(`${server.url}/readyz`)).status).toBe(200), { timeout: 5000 });
  expect(await browser.call('notes.create', { input: { text: 'Buy milk' } })).toMatchObject({ status: 200 });
});
