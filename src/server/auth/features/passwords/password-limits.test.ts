import { TRPCError } from '@trpc/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestAuth, TEST_PASSWORD, type TestAuth, type TestBrowser, testRouter } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { addressKey } from '../../limits/address-key.ts';
import { waitsOf } from '../../limits/rate-limit.ts';
import { refusalOf } from '../../refusal.ts';
import { createCallerFactory } from '../../trpc/procedures.ts';
import { PASSWORD_LIMITS } from './password-limits.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const createCaller = createCallerFactory(testRouter);

test.each([
  ['192.0.2.7', '192.0.2.7', '192.0.2.8'],
  ['::ffff:192.0.2.7', '192.0.2.7', '::ffff:192.0.2.8'],
  ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:3::1'],
])('%s counts as %s does, and not as %s', (address, same, other) => {
  expect(addressKey(address)).toBe(addressKey(same));
  expect(addressKey(address)).not.toBe(addressKey(other));
});

test('waits grow to the longest, and no further', () => {
  expect(waitsOf(PASSWORD_LIMITS.account).map((wait) => wait / MINUTE)).toEqual([
    1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440,
  ]);
});

describe.each(eachStore)('on $dialect', ({ open }) => {
  let store: TestStore;
  let kit: TestAuth;
  let browser: TestBrowser;

  beforeEach(async () => {
    store = await open();
    kit = await createTestAuth(store, { rateLimit: true });
    browser = kit.openBrowser();
    await browser.register('ada');
  });
  afterEach(async () => {
    await kit.stop();
    await store.remove();
  });

  /** A login from a browser that nobody knows: `ok`, the reason, or the seconds to wait. */
  const attemptLogin = async (
    username: string,
    password: string,
    { address = '192.0.2.1', from = kit.openBrowser() } = {},
  ) => {
    const context = from.context();
    const caller = createCaller({ ...context, request: { ...context.request, address } });
    try {
      await caller.auth.login({ username, password });
      return 'ok';
    } catch (error) {
      const refusal = error instanceof TRPCError ? refusalOf(error) : undefined;
      return refusal?.details.retryAfter ?? refusal?.reason ?? error;
    }
  };
  const wrong = (username = 'ada', options = {}) => attemptLogin(username, 'not the password', options);
  const times = async (count: number, run: (index: number) => Promise<unknown>) => {
    const answers: unknown[] = [];
    for (let index = 0; index < count; index += 1) answers.push(await run(index));
    return answers;
  };
  const anyAddress = (index: number) => ({ address: `198.51.100.${index}` });

  test('a pair of account and address has five attempts, then waits that double, right to the second', async () => {
    expect(await times(5, () => wrong())).toEqual(Array.from({ length: 5 }, () => 'invalid_credentials'));
    expect(await wrong()).toBe(15);
    kit.clock.advance(14 * SECOND + 1);
    expect(await wrong()).toBe(1);
    kit.clock.advance(SECOND - 1);
    expect(await wrong()).toBe('invalid_credentials');
    expect(await wrong()).toBe(30);
  });

  test('the right password is not told from a wrong one while limited', async () => {
    await times(5, () => wrong());
    expect(await attemptLogin('ada', TEST_PASSWORD)).toBe(15);
    kit.clock.advance(15 * SECOND);
    expect(await attemptLogin('ada', TEST_PASSWORD)).toBe('ok');
  });

  test('a name has ten attempts from anywhere, in every spelling, and so has a name of nobody', async () => {
    const spellings = ['ada', 'ADA', ' ada ', 'ａｄａ', 'Ada'];
    await times(10, (index) => wrong(spellings[index % spellings.length], anyAddress(index)));
    expect(await wrong('ada', anyAddress(20))).toBe(60);
    await times(10, (index) => wrong(index % 2 ? 'nobody' : 'NOBODY', anyAddress(index + 30)));
    expect(await wrong('nobody', anyAddress(50))).toBe(60);
  });

  test('the owner’s own browser gets through while strangers are being refused', async () => {
    await times(10, (index) => wrong('ada', anyAddress(index)));
    expect(await wrong('ada', anyAddress(20))).toBe(60);
    expect(await attemptLogin('ada', TEST_PASSWORD, { from: browser, ...anyAddress(21) })).toBe('ok');
    expect(await wrong('ada', anyAddress(22))).toBe(60);
  });

  test('attempts for a username tell nothing of the e-mail that belongs to it', async () => {
    await times(10, (index) => wrong('ada', anyAddress(index)));
    expect(await wrong('ada', anyAddress(20))).toBe(60);
    expect(await wrong('ada@mail.example', anyAddress(20))).toBe('invalid_credentials');
  });

  test('the owner’s own browser gets through beside a stranger at the same address', async () => {
    await times(5, () => wrong());
    expect(await wrong()).toBe(15);
    expect(await attemptLogin('ada', TEST_PASSWORD, { from: browser })).toBe('ok');
  });

  test('a login that succeeds starts the account anew', async () => {
    await times(4, () => wrong());
    expect(await attemptLogin('ada', TEST_PASSWORD)).toBe('ok');
    expect(await times(5, () => wrong())).toEqual(Array.from({ length: 5 }, () => 'invalid_credentials'));
  });

  test('of fifty at once with one attempt left, one gets through', async () => {
    await times(4, () => wrong());
    const answers = await Promise.all(Array.from({ length: 50 }, () => wrong()));
    expect(answers.filter((answer) => answer === 'invalid_credentials')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 15)).toHaveLength(49);
  });

  test('an address has a hundred failures, for whichever accounts, and logins that succeed cost it nothing', async () => {
    await times(3, () => attemptLogin('ada', TEST_PASSWORD));
    await times(100, (index) => wrong(`user_${index}`));
    expect(await wrong('another')).toBe(10);
    expect(await wrong('another', { address: '203.0.113.9' })).toBe('invalid_credentials');
  });

  test('an address may register fifty times, refused ones included', async () => {
    const register = async (index: number) => {
      const input = {
        username: `user_${index % 2 ? index : 1}`,
        email: `user_${index}@mail.example`,
        password: TEST_PASSWORD,
      };
      const error: unknown = await kit
        .openBrowser()
        .call()
        .auth.register(input)
        .catch((cause: unknown) => cause);
      return error instanceof TRPCError ? refusalOf(error)?.details.retryAfter : undefined;
    };
    expect(await times(49, register)).toEqual(Array.from({ length: 49 }, () => undefined));
    expect(await register(50)).toBe(30);
  });

  test('what was long ago is forgotten', async () => {
    await times(8, async () => {
      kit.clock.advance(60 * MINUTE);
      return await wrong();
    });
    kit.clock.advance(30 * 24 * 60 * MINUTE);
    expect(await times(5, () => wrong())).toEqual(Array.from({ length: 5 }, () => 'invalid_credentials'));
  });
});
