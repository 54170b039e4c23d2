import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestAuth, grantIn, TEST_PASSWORD, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { refusal } from '#testing/refusal.ts';
import { reasonOf } from '../../refusal.ts';

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

  describe('registration', () => {
    test('answers with a token and the user, and sets the four cookies', async () => {
      const input = { username: ` ${name} `, email: `${name}@Mail.example`, password: TEST_PASSWORD };
      const answer = grantIn(await browser.call().auth.register(input));
      expect(answer.expiresIn).toBe(900);
      expect(answer.user).toEqual({
        id: expect.any(String),
        username: name,
        email: `${name}@Mail.example`,
        emailVerified: false,
        roles: ['user'],
        createdAt: new Date(kit.clock.now()).toISOString(),
      });
      expect([...browser.cookies.keys()].toSorted()).toEqual([
        '__Host-device',
        '__Host-fresh',
        '__Host-refresh',
        '__Host-session_hint',
      ]);
      expect(JSON.stringify(answer)).not.toContain(browser.cookies.get('__Host-refresh')?.[0]);
    });

    test('takes no identifier twice, in whatever case or form', async () => {
      await browser.register(name);
      const other = { username: 'someone_else', email: 'someone@else.example', password: TEST_PASSWORD };
      const call = browser.call().auth;
      expect(await refusal(call.register({ ...other, username: name.toUpperCase() }))).toBe('username_taken');
      expect(await refusal(call.register({ ...other, email: `${name}@MAIL.example` }))).toBe('email_taken');
      expect(await refusal(call.register({ ...other, username: name.replace('ada', 'ａｄａ') }))).toBe(
        'username_taken',
      );
    });

    test('of one name by twenty at once makes one account', async () => {
      const calls = Array.from({ length: 20 }, () =>
        kit
          .openBrowser()
          .call()
          .auth.register({ username: name, email: `${name}@mail.example`, password: TEST_PASSWORD }),
      );
      const settled = await Promise.allSettled(calls);
      expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const reasons = settled.flatMap((one) => (one.status === 'rejected' ? [reasonOf(one.reason)] : []));
      expect(new Set(reasons)).toEqual(new Set(['username_taken']));
    });

    test('refuses common passwords and those made of one’s own names', async () => {
      const input = { username: name, email: `${name}@mail.example` };
      const call = browser.call().auth;
      expect(await refusal(call.register({ ...input, password: 'password1' }))).toBe('password_too_common');
      expect(await refusal(call.register({ ...input, password: `${name}12345` }))).toBe('password_too_common');
      expect(browser.cookies.size).toBe(0);
    });

    test.each([
      ['a short username', { username: 'ab' }, 'username'],
      ['a username with a space', { username: 'ada lovelace' }, 'username'],
      ['an e-mail that is none', { email: 'nobody' }, 'email'],
      ['a short password', { password: 'seven77' }, 'password'],
      ['an unknown key', { roles: ['admin'] }, undefined],
    ])('refuses %s', async (_what, change, field) => {
      const input = { username: name, email: `${name}@mail.example`, password: TEST_PASSWORD, ...change };
      const error: unknown = await browser
        .call()
        .auth.register(input)
        .catch((cause: unknown) => cause);
      expect(error).toMatchObject({ code: 'BAD_REQUEST' });
      if (field !== undefined) expect(String(error)).toContain(field);
    });
  });

  describe('login', () => {
    test('takes the username or the e-mail, in any case', async () => {
      await browser.register(name);
      for (const username of [name, name.toUpperCase(), `${name}@mail.example`, ` ${name}@MAIL.EXAMPLE `]) {
        await expect(kit.openBrowser().call().auth.login({ username, password: TEST_PASSWORD })).resolves.toMatchObject(
          {
            user: { username: name },
          },
        );
      }
    });

    test('does not say which half was wrong, and touches nothing', async () => {
      await browser.register(name);
      const before = new Map(browser.cookies);
      const call = browser.call().auth;
      expect(await refusal(call.login({ username: name, password: 'not the password' }))).toBe('invalid_credentials');
      expect(await refusal(call.login({ username: 'nobody_here', password: TEST_PASSWORD }))).toBe(
        'invalid_credentials',
      );
      expect(await refusal(call.login({ username: name, password: ` ${TEST_PASSWORD}` }))).toBe('invalid_credentials');
      expect(await refusal(call.login({ username: 'nul\0', password: TEST_PASSWORD }))).toBe('BAD_REQUEST');
      expect(browser.cookies).toEqual(before);
      await browser.refresh();
      expect(kit.events.filter(({ event }) => event === 'login.refused')).toHaveLength(3);
    });

    test('starts a new session and ends the one that the browser had, whichever generation its cookie is', async () => {
      await browser.register(name);
      const tab = copyOf(browser);
      kit.clock.advance(DAY);
      await tab.refresh();
      const hint = browser.cookies.get('__Host-session_hint');
      await browser.login(name);
      expect(browser.cookies.get('__Host-session_hint')).not.toEqual(hint);
      expect(await refusal(tab.refresh())).toBe('session_revoked: replaced');
      expect(await refusal(tab.call().user.me())).toBe('session_revoked: replaced');
    });

    test('ends nothing for a cookie that is garbage or comes twice', async () => {
      await browser.register(name);
      const session = copyOf(browser);
      const [token = ''] = browser.cookies.get('__Host-refresh') ?? [];
      browser.cookies.set('__Host-refresh', [token, token]);
      await browser.login(name);
      browser.cookies.set('__Host-refresh', [`${token}x`]);
      await browser.login(name);
      await session.refresh();
    });

    test('keeps the device cookie that is well-formed, and replaces another', async () => {
      await browser.register(name);
      const device = browser.cookies.get('__Host-device');
      await browser.login(name);
      expect(browser.cookies.get('__Host-device')).toEqual(device);
      browser.cookies.set('__Host-device', ['x'.repeat(5000)]);
      await browser.login(name);
      expect(browser.cookies.get('__Host-device')?.[0]).toMatch(/^[\w-]{43}$/);
    });
  });
});
