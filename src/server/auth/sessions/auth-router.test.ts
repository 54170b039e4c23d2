import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod/v4';
import { createTestAuth, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { refusal } from '#testing/refusal.ts';

const SECOND = 1000;
const DAY = 24 * 60 * 60 * SECOND;

describe.each(eachStore)('on $dialect', ({ open }) => {
  let store: TestStore;
  let kit: TestAuth;
  let browser: TestBrowser;
  let name: string;
  let count = 0;

  beforeAll(async () => {
    store = await open();
    kit = await createTestAuth(store);
  });
  afterAll(async () => {
    await kit.stop();
    await store.remove();
  });
  beforeEach(() => {
    browser = kit.openBrowser();
    name = `ada_${(count += 1)}`;
    kit.events.length = 0;
  });

  /** A copy of the browser as it is now: what a thief takes, or another tab has. */
  const copyOf = (original: TestBrowser): TestBrowser => {
    const copy = kit.openBrowser();
    copy.accessToken = original.accessToken;
    for (const [cookie, values] of original.cookies) copy.cookies.set(cookie, values);
    return copy;
  };

  describe('refresh', () => {
    test('replays in the window and rotates behind it, with the same session', async () => {
      await browser.register(name);
      const [first] = browser.cookies.get('__Host-refresh') ?? [];
      const hint = browser.cookies.get('__Host-session_hint');
      kit.clock.advance(29 * SECOND);
      await browser.refresh();
      expect(generationIn(browser)).toBe(1);
      kit.clock.advance(SECOND);
      await browser.refresh();
      expect(generationIn(browser)).toBe(2);
      expect(browser.cookies.get('__Host-refresh')?.[0]).not.toBe(first);
      expect(browser.cookies.get('__Host-session_hint')).toEqual(hint);
      await browser.call().user.me();
    });

    test.each([2, 20, 100])(
      'by %i at once with one token rotates once, and everyone is answered with it',
      async (many) => {
        await browser.register(name);
        kit.clock.advance(DAY);
        const tabs = Array.from({ length: many }, () => copyOf(browser));
        await Promise.all(tabs.map((tab) => tab.refresh()));
        expect(new Set(tabs.map(generationIn))).toEqual(new Set([2]));
        const outcomes = kit.events.flatMap((event) => (event.event === 'session.refreshed' ? [event.how] : []));
        expect(outcomes.filter((how) => how !== 'replay')).toEqual(['rotate']);
        expect(outcomes).toHaveLength(many);
        for (const tab of tabs.slice(0, 3)) await tab.call().user.me();
      },
    );

    test('after a lost answer goes on with the token that the browser has, again and again', async () => {
      await browser.register(name);
      for (let loss = 0; loss < 5; loss += 1) {
        kit.clock.advance(DAY);
        await copyOf(browser).refresh();
      }
      kit.clock.advance(DAY);
      await browser.refresh();
      await browser.call().user.me();
    });

    test('of a voided generation ends the session for thief and owner alike, and stays ended', async () => {
      await browser.register(name);
      const thief = copyOf(browser);
      kit.clock.advance(DAY);
      await thief.refresh();
      kit.clock.advance(DAY);
      await browser.refresh();
      kit.clock.advance(DAY);
      expect(await refusal(thief.refresh())).toBe('refresh_token_reused');
      expect(await refusal(browser.refresh())).toBe('session_revoked: reuse');
      expect(await refusal(browser.call().user.me())).toBe('access_token_expired');
      expect(kit.events).toContainEqual(expect.objectContaining({ event: 'session.ended', cause: 'reuse' }));
    });

    test('refuses nothing, garbage and duplicates each by its name, and writes no cookie', async () => {
      expect(await refusal(browser.call().auth.refresh())).toBe('refresh_token_missing');
      browser.cookies.set('__Host-refresh', ['garbage']);
      expect(await refusal(browser.call().auth.refresh())).toBe('refresh_token_invalid');
      await browser.register(name);
      const [token = ''] = browser.cookies.get('__Host-refresh') ?? [];
      browser.cookies.set('__Host-refresh', [token, 'another']);
      const before = new Map(browser.cookies);
      expect(await refusal(browser.call().auth.refresh())).toBe('refresh_token_ambiguous');
      expect(browser.cookies).toEqual(before);
    });

    test('does not take an access token, nor the gate a refresh token', async () => {
      await browser.register(name);
      const [refreshToken] = browser.cookies.get('__Host-refresh') ?? [];
      browser.cookies.set('__Host-refresh', [browser.accessToken ?? '']);
      expect(await refusal(browser.call().auth.refresh())).toBe('refresh_token_invalid');
      browser.accessToken = refreshToken;
      expect(await refusal(browser.call().user.me())).toBe('access_token_invalid');
    });

    test('is not carried out when its client has gone, and the token still counts', async () => {
      await browser.register(name);
      kit.clock.advance(DAY);
      browser.isGone = true;
      expect(await refusal(browser.call().auth.refresh())).toBe('CLIENT_CLOSED_REQUEST');
      browser.isGone = false;
      await browser.refresh();
      expect(generationIn(browser)).toBe(2);
    });

    test('ends at the idle end, and at the absolute end however often it is used', async () => {
      await browser.register(name);
      const idle = copyOf(browser);
      kit.clock.advance(7 * DAY);
      expect(await refusal(idle.refresh())).toBe('session_expired');

      const busy = kit.openBrowser();
      await busy.login(name);
      for (let day = 0; day < 89; day += 1) {
        kit.clock.advance(DAY);
        await busy.refresh();
      }
      kit.clock.advance(DAY - 60 * SECOND);
      const { expiresIn } = await busy.call().auth.refresh();
      expect(expiresIn).toBe(60);
      kit.clock.advance(60 * SECOND);
      expect(await refusal(busy.refresh())).toBe('session_expired');
    });
  });

  describe('logout', () => {
    test('ends the session everywhere at once, clears its cookies, and keeps the device', async () => {
      await browser.register(name);
      const tab = copyOf(browser);
      expect(await browser.call().auth.logout()).toEqual({ ok: true });
      expect([...browser.cookies.keys()]).toEqual(['__Host-device']);
      expect(await refusal(tab.refresh())).toBe('session_revoked: logout');
      expect(await refusal(tab.call().user.me())).toBe('session_revoked: logout');
    });

    test('works without a session, again, and with an old generation', async () => {
      expect(await browser.call().auth.logout()).toEqual({ ok: true });
      await browser.register(name);
      const tab = copyOf(browser);
      kit.clock.advance(DAY);
      await tab.refresh();
      await browser.call().auth.logout();
      expect(await browser.call().auth.logout()).toEqual({ ok: true });
      expect(await refusal(tab.refresh())).toBe('session_revoked: logout');
    });

    test('ends the access token’s session too, and nothing for duplicate cookies', async () => {
      await browser.register(name);
      const other = kit.openBrowser();
      await other.login(name);
      const { accessToken } = other;
      const [token = ''] = browser.cookies.get('__Host-refresh') ?? [];
      const visitor = kit.openBrowser();
      visitor.cookies.set('__Host-refresh', [token, token]);
      visitor.accessToken = accessToken;
      await visitor.call().auth.logout();
      expect(await refusal(other.call().user.me())).toBe('session_revoked: logout');
      await browser.call().user.me();
    });
  });

  describe('the gate', () => {
    test('lets a valid token through and says what is wrong with any other', async () => {
      expect(await refusal(browser.call().user.me())).toBe('access_token_missing');
      await browser.register(name);
      expect((await browser.call().user.me()).username).toBe(name);
      const claims = await browser.call().auth.claims();
      expect(claims).toEqual({
        userId: expect.any(String),
        roles: ['user'],
        authTime: new Date(kit.clock.now()).toISOString(),
      });
      const good = browser.accessToken;
      browser.accessToken = `${good}x`;
      expect(await refusal(browser.call().user.me())).toBe('access_token_invalid');
      browser.accessToken = good;
      kit.clock.advance(900 * SECOND);
      expect(await refusal(browser.call().user.me())).toBe('access_token_expired');
    });

    test('refuses a call that cookies cannot answer', async () => {
      const { request, ...rest } = browser.context();
      const { testRouter } = await import('#testing/auth.ts');
      const { createCallerFactory } = await import('../trpc/procedures.ts');
      const caller = createCallerFactory(testRouter)({ ...rest, request: { ...request, isSoleCall: false } });
      expect(await refusal(caller.auth.logout())).toBe('transport_not_allowed');
    });
  });

  describe('the list of sessions', () => {
    test('shows one’s own, newest first, with this one marked and no token material', async () => {
      await browser.register(name);
      kit.clock.advance(DAY + 17 * 60 * SECOND);
      const phone = kit.openBrowser();
      await phone.login(name);
      await kit.openBrowser().register(`${name}_x`);
      const list = await phone.call().sessions.list();
      expect(list).toEqual([
        {
          id: expect.any(String),
          current: true,
          createdAt: new Date(kit.clock.now()).toISOString(),
          lastSeenAt: expect.stringMatching(/:00:00\.000Z$/),
          userAgent: 'test',
          ip: '192.0.2.1',
        },
        expect.objectContaining({ current: false }),
      ]);
      expect(phone.accessToken).not.toContain(list[0]?.id);
    });

    test('ends one by its id, once; the current one leaves the cookies alone', async () => {
      await browser.register(name);
      kit.clock.advance(SECOND);
      const phone = kit.openBrowser();
      await phone.login(name);
      const [mine, others] = await phone.call().sessions.list();
      expect(await phone.call().sessions.revoke({ id: others?.id ?? '' })).toEqual({ ok: true });
      expect(await phone.call().sessions.revoke({ id: others?.id ?? '' })).toEqual({ ok: true });
      expect(await refusal(browser.call().user.me())).toBe('session_revoked: ended_by_user');
      const cookies = new Map(phone.cookies);
      expect(await phone.call().sessions.revoke({ id: mine?.id ?? '' })).toEqual({ ok: true });
      expect(phone.cookies).toEqual(cookies);
      expect(await refusal(phone.call().user.me())).toBe('session_revoked: ended_by_user');
    });

    test('ends nobody else’s, and says of theirs what it says of none', async () => {
      await browser.register(name);
      const [victim] = await browser.call().sessions.list();
      const attacker = kit.openBrowser();
      await attacker.register(`${name}_x`);
      expect(await refusal(attacker.call().sessions.revoke({ id: victim?.id ?? '' }))).toBe('NOT_FOUND');
      expect(await refusal(attacker.call().sessions.revoke({ id: 'no such id' }))).toBe('NOT_FOUND');
      await browser.call().user.me();
    });

    test('ends all others and says how many were alive', async () => {
      await browser.register(name);
      for (let index = 0; index < 3; index += 1) await kit.openBrowser().login(name);
      expect(await browser.call().sessions.revokeOthers()).toEqual({ revoked: 3 });
      expect(await browser.call().sessions.revokeOthers()).toEqual({ revoked: 0 });
      expect(await browser.call().sessions.list()).toHaveLength(1);
      await browser.refresh();
    });
  });
});

const generationIn = (browser: TestBrowser): number => {
  const [, payload = ''] = (browser.cookies.get('__Host-refresh')?.[0] ?? '').split('.');
  return z.looseObject({ gen: z.int() }).parse(JSON.parse(Buffer.from(payload, 'base64url').toString())).gen;
};
