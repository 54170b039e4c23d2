import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestAuth, createTestKeys, type QuietFeature, type TestAuth } from '#testing/auth.ts';
import { createTestClock } from '#testing/clock.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { startSmtpServer } from '#testing/smtp-server.ts';
import { createStore } from '../database/create-store.ts';
import { HOUR, MINUTE } from './clock.ts';
import { assembleAuth } from './create-auth.ts';
import type { InstalledFeature } from './feature.ts';
import { DatabaseUnavailableError, type Store } from './store/store.ts';

const featureOf = (installed: InstalledFeature): QuietFeature => ({
  name: 'counting',
  routers: {},
  reasons: {},
  install: () => installed,
});

const assembleOn = (database: Store, features: readonly QuietFeature[] = []) =>
  assembleAuth({
    database,
    clock: createTestClock(),
    publicUrl: 'https://app.example',
    ...createTestKeys(),
    features,
  });

/** Settles once it has heard of so many sessions that ended. */
const hears = ({ revocations }: Pick<TestAuth['services'], 'revocations'>, count: number): Promise<void> =>
  new Promise((resolve) => {
    let left = count;
    const forget = revocations.onNotice(({ kind }) => {
      if (kind === 'session') left -= 1;
      if (left > 0) return;
      forget();
      resolve();
    });
  });

describe.each(eachStore)('on $dialect', ({ open }) => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  let store: TestStore;
  beforeEach(async () => {
    store = await open();
    cleanUps.push(store.remove);
  });
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  });

  /** Another process on the store, in which somebody signs out. */
  const openElsewhere = async () => {
    const database = createStore(store.location);
    cleanUps.push(database.close);
    const kit = await createTestAuth({ database });
    cleanUps.push(kit.stop);
    let people = 0;
    return async (): Promise<void> => {
      people += 1;
      const browser = kit.openBrowser();
      await browser.register(`person_${people}`);
      await browser.call().auth.logout();
    };
  };

  test('what others revoke is heard by a start that followed one that had failed, and goes on being heard', async () => {
    let isBroken = true;
    const { auth, services } = assembleOn(store.database, [
      featureOf({
        start: async () => {
          if (isBroken) throw new Error('not yet');
        },
      }),
    ]);
    cleanUps.push(auth.stop);
    await expect(auth.start()).rejects.toThrow('not yet');
    expect(auth.isReady()).toBe(false);
    isBroken = false;
    await auth.start();
    expect(auth.isReady()).toBe(true);
    const signOutElsewhere = await openElsewhere();
    // A feed that has stopped may still have had one look before it.
    for (let time = 0; time < 3; time += 1) {
      const heard = hears(services, 1);
      await signOutElsewhere();
      await heard;
    }
    expect(auth.isReady()).toBe(true);
  });

  test('what the app keeps open can be stopped and started: revocations, mails, purging and features, each once', async () => {
    const smtp = await startSmtpServer();
    cleanUps.push(smtp.stop);
    const did: string[] = [];
    let rounds = 0;
    const kit = await createTestAuth(store, {
      smtpUrl: smtp.url,
      mailFrom: 'no-reply@app.example',
      random: () => 0,
      features: [featureOf({ start: async () => void did.push('start'), stop: async () => void did.push('stop') })],
      purges: {
        rows: async () => {
          rounds += 1;
          return { purged: 0, next: undefined };
        },
      },
    });
    cleanUps.push(kit.stop);
    await kit.stop();
    expect(kit.auth.isReady()).toBe(false);
    await expect(kit.auth.findUser('nobody')).rejects.toThrow(DatabaseUnavailableError);
    await expect(kit.auth.work()).rejects.toThrow(DatabaseUnavailableError);
    expect(did).toEqual(['start', 'stop']);
    await Promise.all([kit.auth.start(), kit.auth.start()]);
    expect(did).toEqual(['start', 'stop', 'start']);
    expect(kit.auth.isReady()).toBe(true);

    await kit.openBrowser().register('ada');
    expect((await smtp.received(1)).map(({ recipients }) => recipients)).toEqual([['ada@mail.example']]);
    await kit.auth.work();
    expect(smtp.mails).toHaveLength(1);
    const before = rounds;
    kit.clock.advance(0);
    await expect.poll(() => rounds).toBe(before + 1);

    const signOutElsewhere = await openElsewhere();
    const heard = hears(kit.services, 2);
    await signOutElsewhere();
    await signOutElsewhere();
    await heard;
    expect(await kit.auth.findUser('nobody')).toBeNull();
  });

  test('a store that was opened by the start is closed by the stop, for good, and whoever starts again is told', async () => {
    const database = createStore(store.location);
    const { auth } = assembleOn(database);
    await auth.start();
    await auth.stop();
    const told = new DatabaseUnavailableError('This store was closed, for good. Make another one, and an auth on it.');
    await expect(auth.work()).rejects.toThrow('This auth was stopped.');
    await expect(auth.start()).rejects.toThrow(told);
    await expect(auth.work()).rejects.toThrow(told);
    await expect(assembleOn(database).auth.start()).rejects.toThrow(told);
  });

  test('a stop ends all there is, whichever of it fails, and a start that failed says why', async () => {
    const database = createStore(store.location);
    const { auth } = assembleOn(database, [
      featureOf({
        start: async () => {
          throw new Error('no start');
        },
        stop: async () => {
          throw new Error('no stop');
        },
      }),
    ]);
    await expect(auth.start()).rejects.toThrow('no start');
    expect(auth.isReady()).toBe(false);
    await expect(auth.stop()).rejects.toThrow('no stop');
    await expect(database.ping()).rejects.toThrow(/destroyed/);
  });

  test('a clock that was set back while it was stopped is no reason to ask the store for ever', async () => {
    const clock = createTestClock();
    const failed: string[] = [];
    const kit = await createTestAuth(store, { clock, onBackgroundError: (_error, task) => void failed.push(task) });
    cleanUps.push(kit.stop);
    const { db } = store.database;
    await db.schema.alterTable('auth_removals').renameTo('away').execute();
    clock.turn(-HOUR);
    clock.advance(MINUTE);
    await expect.poll(() => failed).toContain('revocations');
    expect(kit.auth.isReady()).toBe(false);
    await kit.stop();
    await db.schema.alterTable('away').renameTo('auth_removals').execute();
    await kit.auth.start();
    expect(kit.auth.isReady()).toBe(true);
  });
});
