import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import { reasonOf } from '#server/auth/index.ts';
import { openDatabase } from '#server/database/index.ts';
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

  const beside = await openDatabase({ dataDir, poolSize: 1 });
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
  const database = await openDatabase(location);
  cleanUps.push(() => database.close());
  const kit = await createTestAuth({ database, location });
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
