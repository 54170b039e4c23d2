import { TRPCError } from '@trpc/server';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createStore } from '#server/database/index.ts';
import {
  createTestAuth,
  createTestKeys,
  elsewhere,
  TEST_PASSWORD,
  type TestAuth,
  type TestBrowser,
  testRouter,
} from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { isHeavy } from '#testing/heavy.ts';
import { refusal } from '#testing/refusal.ts';
import { refusalOf, refuse } from '../refusal.ts';
import type { Store } from '../store/store.ts';
import type { AuthTables } from '../store/tables.ts';
import { freshProcedure } from '../trpc/fresh.ts';
import { createCallerFactory, protectedProcedure, router } from '../trpc/procedures.ts';

/** As a call that failed so. */
const rejected = async ({ reason }: PromiseRejectedResult): Promise<never> => {
  throw reason;
};

const SECOND = 1000;
const LEEWAY = 30 * SECOND;
const ROUNDS = isHeavy ? 100 : 10;

let carriedOut = 0;
const probe = freshProcedure().mutation(() => {
  carriedOut += 1;
  return 'done';
});
const createInner = createCallerFactory(router({ probe }));
const createCaller = createCallerFactory(
  router({
    ...testRouter._def.record,
    probe,
    hourly: freshProcedure({ maxAge: 3600 }).query(() => 'done'),
    throwing: protectedProcedure.mutation(() => {
      throw refuse('reauthentication_required');
    }),
    nested: protectedProcedure.mutation(({ ctx }) => createInner(ctx).probe()),
  }),
);

const demandOf = async (call: Promise<unknown>) => {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof TRPCError ? refusalOf(error)?.details.reauthenticate : undefined;
};

describe.each(eachStore)('on $dialect', ({ open }) => {
  let store: TestStore;
  let kit: TestAuth;
  let other: TestAuth;
  let second: Store;
  let browser: TestBrowser;
  let names = 0;
  const keys = createTestKeys();

  beforeAll(async () => {
    store = await open();
    kit = await createTestAuth(store, keys);
    second = createStore(store.location);
    other = await createTestAuth({ database: second }, { ...keys, clock: kit.clock });
    kit.services.credentials.add({
      secondFactor: { method: 'totp', isEnrolled: () => Promise.resolve(true), remove: () => Promise.resolve() },
    });
  });
  afterAll(async () => {
    await other.stop();
    await second.close();
    await kit.stop();
    await store.remove();
  });
  beforeEach(async () => {
    names += 1;
    browser = kit.openBrowser();
    await browser.register(`ada${names}`);
  });

  const db = () => store.database.db.withTables<AuthTables>();
  const call = (of = browser) => createCaller(of.context());
  const tryProbe = (of = browser) => call(of).probe();
  const prove = async (of = browser, password = TEST_PASSWORD): Promise<void> => {
    of.accessToken = (await of.call().auth.reauthenticate({ password })).accessToken;
  };
  const cookie = (name: string, of = browser): string => of.cookies.get(`__Host-${name}`)?.[0] ?? '';
  /** A browser with what somebody has copied from the first. */
  const copy = (cookieNames: string[], of = browser, accessToken?: string): TestBrowser => {
    const thief = kit.openBrowser();
    thief.accessToken = accessToken;
    for (const name of cookieNames) thief.cookies.set(`__Host-${name}`, of.cookies.get(`__Host-${name}`) ?? []);
    return thief;
  };
  const rowOf = async (of = browser) => {
    const { sid } = kit.services.gate.identify(`Bearer ${of.accessToken}`);
    return await db().selectFrom('auth_sessions').selectAll().where('sid', '=', sid).executeTakeFirstOrThrow();
  };

  test('a sign-in is proof enough up to the age that is asked for, and not a second longer', async () => {
    expect(await tryProbe()).toBe('done');
    kit.clock.advance(600 * SECOND);
    expect(await tryProbe()).toBe('done');
    kit.clock.advance(SECOND);
    expect(await refusal(tryProbe())).toBe('reauthentication_required');
    expect(await demandOf(tryProbe())).toEqual({ maxAge: 600, methods: ['password'] });
    expect(await call().hourly()).toBe('done');

    await prove();
    expect(await tryProbe()).toBe('done');
    expect(kit.events.map(({ event }) => event)).toContain('reauthentication.succeeded');
  });

  test('the token alone is none: without the cookie, with another session’s, with two of them', async () => {
    const before = carriedOut;
    const mine = cookie('fresh');
    browser.cookies.delete('__Host-fresh');
    expect(await refusal(tryProbe())).toBe('reauthentication_required');
    const stranger = kit.openBrowser();
    await stranger.login(`ada${names}`);
    browser.cookies.set('__Host-fresh', [cookie('fresh', stranger)]);
    expect(await refusal(tryProbe())).toBe('reauthentication_required');
    browser.cookies.set('__Host-fresh', [mine, mine]);
    expect(await refusal(tryProbe())).toBe('reauthentication_required');
    expect(carriedOut).toBe(before);
    browser.cookies.set('__Host-fresh', [mine]);
    expect(await tryProbe()).toBe('done');
  });

  test('a logout clears the cookie, and what is kept of it counts for nothing', async () => {
    const kept = copy(['refresh', 'fresh'], browser, browser.accessToken);
    await browser.call().auth.logout();
    expect(browser.cookies.has('__Host-fresh')).toBe(false);
    expect(await refusal(tryProbe(kept))).toBe('session_revoked: logout');
  });

  test('a refresh brings the proof with the cookie alone, and for an hour', async () => {
    kit.clock.advance(40 * SECOND);
    await browser.refresh();
    expect(await tryProbe()).toBe('done');
    kit.clock.advance(3600 * SECOND - 41 * SECOND);
    await browser.refresh();
    expect(await call().hourly()).toBe('done');
    kit.clock.advance(SECOND);
    await browser.refresh();
    expect(await refusal(call().hourly())).toBe('reauthentication_required');
  });

  test.each([
    ['inside of the leeway', SECOND],
    ['outside of it', LEEWAY + SECOND],
  ])('a copy of the refresh cookie is never elevated, %s', async (_when, later) => {
    kit.clock.advance(LEEWAY);
    const thief = copy(['refresh']);
    await prove();
    kit.clock.advance(later);
    await thief.refresh();
    thief.cookies.set('__Host-fresh', [cookie('refresh').slice(0, 43)]);
    expect(await refusal(tryProbe(thief))).toBe('reauthentication_required');
    expect(kit.services.gate.identify(`Bearer ${thief.accessToken}`)).toMatchObject({ fsh: '', amr: ['pwd'] });
    await browser.refresh();
    expect(await tryProbe()).toBe('done');
  });

  test('the owner’s code is not borrowed by a copy of the refresh cookie and the password', async () => {
    const { id: userId } = await browser.call().user.me();
    await db().updateTable('auth_users').set({ fac: 'password,totp' }).where('id', '=', userId).execute();
    kit.clock.advance(601 * SECOND);
    await browser.refresh();
    expect(await demandOf(tryProbe())).toEqual({ maxAge: 600, methods: ['password', 'totp'] });

    const { sessions, sessionCookies } = kit.services;
    const proveCode = async (of: TestBrowser): Promise<void> => {
      const { request, cookies } = of.context();
      const [value, fresh] = [cookie('refresh', of), cookie('fresh', of)];
      const token = sessions.readRefreshToken(value);
      if (token === undefined) throw new Error('It is authentic.');
      const grant = await sessions.prove(request, { value, token, fresh: fresh || undefined }, ['otp']);
      sessionCookies.writeSession(cookies, grant.cookies);
      of.accessToken = grant.answer.accessToken;
    };
    await prove();
    expect(await refusal(tryProbe())).toBe('reauthentication_required');
    const thief = copy(['refresh']);
    kit.clock.advance(SECOND);
    await proveCode(browser);
    expect(await tryProbe()).toBe('done');
    expect(kit.services.gate.identify(`Bearer ${browser.accessToken}`)).toMatchObject({
      acr: 'aal2',
      amr: ['pwd', 'otp'],
    });

    await thief.refresh();
    await prove(thief);
    expect(await refusal(tryProbe(thief))).toBe('reauthentication_required');
    await proveCode(browser);
    expect(await refusal(tryProbe())).toBe('reauthentication_required');
    await prove();
    expect(await tryProbe()).toBe('done');
  });

  test('nor is that of a sign-in with two factors, however lately it was', async () => {
    const { id: userId } = await browser.call().user.me();
    await db().updateTable('auth_users').set({ fac: 'password,totp' }).where('id', '=', userId).execute();
    const times = `pwd.${kit.clock.now()},otp.${kit.clock.now()}`;
    await db()
      .updateTable('auth_sessions')
      .set({ amr: 'pwd,otp', fresh_amr: times })
      .where('user_id', '=', userId)
      .execute();
    kit.clock.advance(60 * SECOND);
    await browser.refresh();
    expect(await tryProbe()).toBe('done');

    const thief = copy(['refresh']);
    await thief.refresh();
    await prove(thief);
    expect(await demandOf(tryProbe(thief))).toEqual({ maxAge: 600, methods: ['password', 'totp'] });
  });

  test('an access token from before the proof is stale on every process, and other tabs just refresh', async () => {
    const stolen = elsewhere(other, browser);
    const tab = { ...browser.context(), request: browser.context().request };
    expect(await stolen.call().auth.claims()).toBeDefined();
    await prove();
    expect(await refusal(createCaller(tab).auth.claims())).toBe('access_token_stale');
    await vi.waitFor(async () => expect(await refusal(stolen.call().auth.claims())).toBe('access_token_stale'));
    await browser.refresh();
    expect(await tryProbe()).toBe('done');
    const late = await createTestAuth(store, { ...keys, clock: kit.clock });
    expect(await refusal(elsewhere(late, stolen).call().auth.claims())).toBe('access_token_stale');
    await late.stop();
  });

  test('bearer and refresh cookie are of one session, or nothing is looked at', async () => {
    const second = kit.openBrowser();
    await second.login(`ada${names}`);
    const mixed = copy(['refresh', 'fresh'], second);
    mixed.accessToken = browser.accessToken;
    expect(await refusal(mixed.call().auth.reauthenticate({ password: TEST_PASSWORD }))).toBe('access_token_stale');
    mixed.cookies.clear();
    expect(await refusal(mixed.call().auth.reauthenticate({ password: 'wrong' }))).toBe('access_token_stale');
    mixed.cookies.set('__Host-refresh', [`${cookie('refresh')}x`]);
    expect(await refusal(mixed.call().auth.reauthenticate({ password: TEST_PASSWORD }))).toBe('access_token_stale');
    expect((await rowOf()).sver).toBe(0);
  });

  test('a lost answer costs the proof and nothing else', async () => {
    kit.clock.advance(LEEWAY);
    for (let round = 1; round <= 4; round += 1) {
      const before = new Map(browser.cookies);
      await prove();
      browser.cookies = before;
      kit.clock.advance(round * 20 * SECOND);
      await browser.refresh();
      expect(await refusal(tryProbe())).toBe('reauthentication_required');
      expect((await rowOf()).sver).toBe(round);
    }
    await prove();
    expect(await tryProbe()).toBe('done');
  });

  test('of proofs at once with one token each counts, and the last one’s cookie is the one', async () => {
    for (const later of [0, LEEWAY]) {
      kit.clock.advance(later);
      const before = (await rowOf()).sver;
      const contexts = Array.from({ length: 4 }, () => copy(['refresh', 'fresh'], browser, browser.accessToken));
      await Promise.all(contexts.map((tab) => prove(tab)));
      const row = await rowOf();
      expect(row.sver).toBe(before + 4);
      const good = await Promise.all(contexts.map((tab) => refusal(tryProbe(tab)).catch(() => 'done')));
      expect(good.filter((outcome) => outcome === 'done')).toHaveLength(1);
      expect(good.filter((outcome) => outcome === 'access_token_stale')).toHaveLength(3);
      const winner = contexts[good.indexOf('done')];
      if (winner === undefined) throw new Error('One of them is good.');
      browser = winner;
    }
  });

  test('a proof with a voided refresh token ends no session, and proves nothing', async () => {
    const thief = copy(['refresh']);
    thief.accessToken = browser.accessToken;
    for (let round = 0; round < 2; round += 1) {
      kit.clock.advance(LEEWAY);
      await browser.refresh();
    }
    expect(await refusal(thief.call().auth.reauthenticate({ password: TEST_PASSWORD }))).toBe('unavailable');
    await browser.refresh();
    expect((await rowOf()).sver).toBe(0);
  });

  test('the session keeps its public id and its place in the list', async () => {
    const before = await browser.call().sessions.list();
    await prove();
    expect(await browser.call().sessions.list()).toEqual(before);
  });

  test('a failover that loses the proof signs nobody out: it is to be given again', async () => {
    kit.clock.advance(LEEWAY);
    const { sid, ...lost } = await rowOf();
    await prove();
    await db().updateTable('auth_sessions').set(lost).where('sid', '=', sid).execute();
    const stale = kit.openBrowser();
    stale.accessToken = browser.accessToken;
    await browser.refresh();
    expect((await rowOf()).sver).toBe(1);
    expect(await refusal(tryProbe())).toBe('reauthentication_required');
    await prove();
    expect((await rowOf()).sver).toBe(2);
    expect(await tryProbe()).toBe('done');
    expect(await refusal(stale.call().auth.claims())).toBe('access_token_stale');
  });

  test('what a resolver throws is never resumed, and neither is another call inside of one', async () => {
    expect(await refusal(call().throwing())).toBe('reauthentication_required');
    expect(await demandOf(call().throwing())).toBeUndefined();
    kit.clock.advance(601 * SECOND);
    expect(await refusal(call().nested())).toBe('reauthentication_required');
    expect(await demandOf(call().nested())).toBeUndefined();
  });

  test('ending sessions asks for a proof, and ending the one that calls for none', async () => {
    const second = kit.openBrowser();
    await second.login(`ada${names}`);
    const list = await browser.call().sessions.list();
    const idOf = (current: boolean): string => list.find((session) => session.current === current)?.id ?? '';
    kit.clock.advance(601 * SECOND);
    expect(await refusal(browser.call().sessions.revokeOthers())).toBe('reauthentication_required');
    expect(await demandOf(browser.call().sessions.revoke({ id: idOf(false) }))).toEqual({
      maxAge: 600,
      methods: ['password'],
    });
    // @ts-expect-error -- looked at first
    expect(await refusal(browser.call().sessions.revoke({ id: 1 }))).toBe('BAD_REQUEST');
    await second.refresh();
    expect(await browser.call().sessions.revoke({ id: idOf(true) })).toEqual({ ok: true });
    expect(await refusal(browser.refresh())).toBe('session_revoked: ended_by_user');
    await prove(second);
    expect(await second.call().sessions.revokeOthers()).toEqual({ revoked: 0 });
  });

  test.each<[string, (of: TestBrowser, userId: string) => Promise<unknown>]>([
    [
      'a new password',
      (_of, id) => kit.services.passwords.changes.setPassword(browser.context().request, id, 'a new long one'),
    ],
    ['the end of the session', (of) => of.call().auth.logout()],
    ['a disabled account', (_of, id) => kit.services.accountChanges.disable(browser.context().request, id)],
  ])('nothing of a proof is left that is raced by %s', async (_what, end) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const racer = kit.openBrowser();
      await racer.register(`racer${names}x${round}`);
      const { id } = await racer.call().user.me();
      const before = copy(['refresh', 'fresh', 'session_hint'], racer, racer.accessToken);
      const [proof] = await Promise.allSettled([
        before.call().auth.reauthenticate({ password: TEST_PASSWORD }),
        end(racer, id),
      ]);
      if (proof.status === 'fulfilled') racer.accessToken = proof.value.accessToken;
      else expect(await refusal(rejected(proof))).toMatch(/^(access_token_stale|session_revoked|invalid_credentials)/);
      expect(await refusal(racer.call().auth.claims())).toContain('session_revoked');
    }
  });
});

describe.each(eachStore)('with limits on $dialect', ({ open }) => {
  let store: TestStore;
  let kit: TestAuth;

  beforeAll(async () => {
    store = await open();
    kit = await createTestAuth(store, { rateLimit: true });
  });
  afterAll(async () => {
    await kit.stop();
    await store.remove();
  });

  test('the password is guessed five times through it, and then with waits; a right one starts anew', async () => {
    const browser = kit.openBrowser();
    await browser.register('ada');
    const guess = (password: string) => browser.call().auth.reauthenticate({ password });
    for (let time = 0; time < 4; time += 1) expect(await refusal(guess('wrong'))).toBe('invalid_credentials');
    browser.accessToken = (await guess(TEST_PASSWORD)).accessToken;
    for (let time = 0; time < 5; time += 1) expect(await refusal(guess('wrong'))).toBe('invalid_credentials');
    expect(await refusal(guess(TEST_PASSWORD))).toBe('rate_limited');
    // A thief at a session locks the owner out of nothing else.
    await kit.openBrowser().login('ada');
    kit.clock.advance(60 * SECOND);
    browser.accessToken = (await guess(TEST_PASSWORD)).accessToken;
    expect(await refusal(guess(''))).toBe('BAD_REQUEST');
  });
});
