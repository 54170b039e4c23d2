import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestAuth, TEST_PASSWORD, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { isHeavy } from '#testing/heavy.ts';
import { refusal } from '#testing/refusal.ts';
import type { AuthTables } from '../store/tables.ts';
import { hashSecret } from '../tokens/secrets.ts';

/** As a call that failed so. */
const rejected = async ({ reason }: PromiseRejectedResult): Promise<never> => {
  throw reason;
};

const SECOND = 1000;
const LEEWAY = 30 * SECOND;
const ROUNDS = isHeavy ? 100 : 10;
const NEW_PASSWORD = 'a battery of correct horses';
const change = { currentPassword: TEST_PASSWORD, newPassword: NEW_PASSWORD };

describe.each(eachStore)('on $dialect', ({ open }) => {
  let store: TestStore;
  let kit: TestAuth;
  let browser: TestBrowser;
  let name = '';
  let names = 0;

  beforeAll(async () => {
    store = await open();
    kit = await createTestAuth(store);
  });
  afterAll(async () => {
    await kit.stop();
    await store.remove();
  });
  beforeEach(async () => {
    names += 1;
    name = `ada${names}`;
    browser = kit.openBrowser();
    await browser.register(name);
  });

  const db = () => store.database.db.withTables<AuthTables>();
  const renew = async (
    of = browser,
    input: { currentPassword?: string; newPassword: string } = change,
  ): Promise<void> => {
    of.accessToken = (await of.call().auth.changePassword(input)).accessToken;
  };
  const copy = (of = browser): TestBrowser => {
    const thief = kit.openBrowser();
    for (const [cookie, values] of of.cookies) thief.cookies.set(cookie, values);
    thief.accessToken = of.accessToken;
    return thief;
  };
  const sidOf = (of: TestBrowser): string => kit.services.gate.identify(`Bearer ${of.accessToken}`).sid;
  const claims = (of: TestBrowser) => of.call().auth.claims();

  test('a new password ends all other sessions and keeps this one, under new names', async () => {
    const second = kit.openBrowser();
    await second.login(name);
    kit.clock.advance(LEEWAY);
    await browser.refresh();
    const before = { sid: sidOf(browser), listed: await browser.call().sessions.list() };

    await renew();
    expect(sidOf(browser)).not.toBe(before.sid);
    expect(await refusal(claims(second))).toBe('session_revoked: password_changed');
    expect(await browser.call().sessions.list()).toEqual(before.listed.filter(({ current }) => current));
    const ends = await db()
      .selectFrom('auth_sessions')
      .select('absolute_ends_at')
      .where('id', '=', before.listed[0]?.id ?? '')
      .execute();
    expect(new Set(ends.map((row) => row.absolute_ends_at)).size).toBe(1);

    kit.clock.advance(LEEWAY);
    await browser.refresh();
    expect(await browser.call().sessions.revokeOthers()).toEqual({ revoked: 0 });
    expect(await refusal(kit.openBrowser().login(name))).toBe('invalid_credentials');
    await kit.openBrowser().call().auth.login({ username: name, password: NEW_PASSWORD });
    expect(kit.events.map(({ event }) => event)).toContain('password.changed');
  });

  test('a thief who rides along is expelled, and waits for nothing', async () => {
    const thief = copy();
    await renew();
    expect(await refusal(claims(thief))).toBe('access_token_stale');
    expect(await refusal(thief.refresh())).toBe('unavailable');
    kit.clock.advance(LEEWAY - 1);
    expect(await refusal(thief.refresh())).toBe('unavailable');
    kit.clock.advance(1);
    expect(await refusal(thief.refresh())).toBe('session_revoked: renewed');
    await browser.refresh();
    await claims(browser);
  });

  test.each<[string, (old: TestBrowser) => Promise<unknown>]>([
    ['a logout with the old cookie', (old) => old.call().auth.logout()],
    [
      'a logout with the old access token',
      (old) => {
        old.cookies.clear();
        return old.call().auth.logout();
      },
    ],
    ['a sign-in over the old cookie', (old) => old.call().auth.login({ username: name, password: NEW_PASSWORD })],
  ])('%s ends the session that goes on', async (_what, end) => {
    const old = copy();
    await renew();
    await end(old);
    expect(await refusal(claims(browser))).toContain('session_revoked');
    expect(await refusal(browser.refresh())).toContain('session_revoked');
  });

  test('what is wrong with it changes nothing', async () => {
    const attempt = (input: { currentPassword?: string; newPassword: string }) =>
      refusal(browser.call().auth.changePassword(input));
    expect(await attempt({ newPassword: NEW_PASSWORD })).toBe('BAD_REQUEST');
    expect(await attempt({ ...change, currentPassword: 'wrong' })).toBe('invalid_credentials');
    expect(await attempt({ ...change, newPassword: 'password1' })).toBe('password_too_common');
    expect(await attempt({ ...change, newPassword: 'short' })).toBe('BAD_REQUEST');
    const mixed = copy();
    const other = kit.openBrowser();
    await other.login(name);
    mixed.cookies.set('__Host-refresh', other.cookies.get('__Host-refresh') ?? []);
    expect(await refusal(mixed.call().auth.changePassword(change))).toBe('access_token_stale');
    kit.clock.advance(601 * SECOND);
    await browser.refresh();
    expect(await attempt(change)).toBe('reauthentication_required');
    browser.accessToken = (await browser.call().auth.reauthenticate({ password: TEST_PASSWORD })).accessToken;
    await renew();
  });

  test('an account without a password sets one, and has it in its claims from then on', async () => {
    const { id } = await browser.call().user.me();
    const { credentials } = kit.services;
    await store.database.db.transaction().execute(async (transaction) => {
      for (const credential of credentials.credentials())
        await credential.remove(id, {}, transaction.withTables<AuthTables>());
    });
    await renew(browser, { newPassword: NEW_PASSWORD });
    expect(kit.services.gate.identify(`Bearer ${browser.accessToken}`).fac).toEqual(['password']);
    await kit.openBrowser().call().auth.login({ username: name, password: NEW_PASSWORD });
  });

  test('of the devices that are known this browser’s stays; one that is not known does not become so', async () => {
    const second = kit.openBrowser();
    await second.login(name);
    await renew();
    const { id } = await browser.call().user.me();
    const devices = async (): Promise<string> => {
      const user = await db().selectFrom('auth_users').select('devices').where('id', '=', id).executeTakeFirstOrThrow();
      return user.devices;
    };
    const mine = hashSecret(browser.cookies.get('__Host-device')?.[0] ?? '');
    expect(await devices()).toMatch(new RegExp(`^${mine}\\.\\d+,$`));

    const stranger = kit.openBrowser();
    await stranger.register(`${name}s`);
    browser.cookies.set('__Host-device', stranger.cookies.get('__Host-device') ?? []);
    await renew(browser, { currentPassword: NEW_PASSWORD, newPassword: `${NEW_PASSWORD}!` });
    expect(await devices()).toBe('');
  });

  test('the proof stays with it: what asks for one goes on', async () => {
    kit.clock.advance(500 * SECOND);
    await renew();
    expect(await browser.call().sessions.revokeOthers()).toEqual({ revoked: 0 });
    kit.clock.advance(101 * SECOND);
    expect(await refusal(browser.call().sessions.revokeOthers())).toBe('reauthentication_required');
  });

  test('of two at once one goes through, and the session lives once', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const racer = kit.openBrowser();
      await racer.register(`pair${names}x${round}`);
      const { id } = await racer.call().user.me();
      const tabs = [copy(racer), copy(racer)] as const;
      const outcomes = await Promise.allSettled(tabs.map((tab) => renew(tab)));
      const done = outcomes.filter(({ status }) => status === 'fulfilled');
      expect(done).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') {
          expect(['access_token_stale', 'invalid_credentials']).toContain(await refusal(rejected(outcome)));
        }
      }
      const live = await db()
        .selectFrom('auth_sessions')
        .select('id')
        .where('user_id', '=', id)
        .where('revoked_at', 'is', null)
        .execute();
      expect(live).toHaveLength(1);
    }
  });

  test.each<[string, (of: TestBrowser, userId: string) => Promise<unknown>]>([
    ['a logout', (of) => of.call().auth.logout()],
    ['a disabled account', (of, id) => kit.services.accountChanges.disable(of.context().request, id)],
    [
      'a password set by an operator',
      (of, id) => kit.services.passwords.changes.setPassword(of.context().request, id, 'another battery of horses'),
    ],
  ])('raced by %s nothing goes on', async (_what, end) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const racer = kit.openBrowser();
      await racer.register(`racer${names}x${round}`);
      const { id } = await racer.call().user.me();
      await Promise.allSettled([renew(copy(racer)), end(racer, id)]);
      const live = await db()
        .selectFrom('auth_sessions')
        .select('id')
        .where('user_id', '=', id)
        .where('revoked_at', 'is', null)
        .execute();
      expect(live).toEqual([]);
    }
  });

  test('a lost answer is the one that signs a browser out, and only after the leeway', async () => {
    const before = copy();
    await renew();
    expect(await refusal(before.refresh())).toBe('unavailable');
    kit.clock.advance(LEEWAY);
    expect(await refusal(before.refresh())).toBe('session_revoked: renewed');
    await before.call().auth.login({ username: name, password: NEW_PASSWORD });
  });

  test('a failover that loses the renewal takes the new names with it', async () => {
    const { sid } = { sid: sidOf(browser) };
    await renew();
    await db().deleteFrom('auth_sessions').where('sid', '=', sidOf(browser)).execute();
    expect(sid).not.toBe(sidOf(browser));
    expect(await refusal(browser.refresh())).toBe('refresh_token_invalid');
  });
});
