import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestAuth, createTestKeys, grantIn, TEST_PASSWORD, type TestAuth } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { refusal } from '#testing/refusal.ts';
import { coreRouters } from '../../core-routers.ts';
import { createAuth } from '../../create-auth.ts';
import { sqlite } from '../../sqlite.ts';
import { createCallerFactory, router } from '../../trpc/procedures.ts';
import { passwordRouters, passwordRoutersByEmail, passwords } from './index.ts';

const createCaller = createCallerFactory(
  router({ ...coreRouters, auth: { ...coreRouters.auth, ...passwordRoutersByEmail.auth } }),
);

describe.each(eachStore)('on $dialect', ({ open }) => {
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

  const anybody = () => createCaller(kit.openBrowser().context());

  test('accounts without a username register, sign in by their address, and are nobody else', async () => {
    const registered = grantIn(await anybody().auth.register({ email: 'Ada@mail.example', password: TEST_PASSWORD }));
    expect(registered.user).toMatchObject({ username: null, email: 'Ada@mail.example' });
    const other = grantIn(await anybody().auth.register({ email: 'bob@mail.example', password: TEST_PASSWORD }));
    expect(other.user.id).not.toBe(registered.user.id);

    const browser = kit.openBrowser();
    const { user } = await createCaller(browser.context()).auth.login({
      username: ' ada@MAIL.example',
      password: TEST_PASSWORD,
    });
    expect(user).toEqual(registered.user);
    await browser.refresh();
    expect(await browser.call().user.me()).toEqual(registered.user);
  });

  test('an address is taken once, and a username is not asked for', async () => {
    const input = { email: 'grace@mail.example', password: TEST_PASSWORD };
    await anybody().auth.register(input);
    expect(await refusal(anybody().auth.register({ ...input, email: 'GRACE@mail.example' }))).toBe('email_taken');
    const unasked = { ...input, email: 'another@mail.example', username: 'grace' };
    expect(await refusal(anybody().auth.register(unasked))).toBe('BAD_REQUEST');
  });

  test('a password made of the address is too common', async () => {
    const input = { email: 'lovelace@mail.example', password: 'Lovelace1815' };
    expect(await refusal(anybody().auth.register(input))).toBe('password_too_common');
  });

  test('tries for an address are limited as those for a username are', async () => {
    const guess = () => refusal(anybody().auth.login({ username: 'grace@mail.example', password: 'wrong' }));
    for (let time = 0; time < 5; time += 1) expect(await guess()).toBe('invalid_credentials');
    expect(await guess()).toBe('rate_limited');
  });

  test('the list has all accounts once, those without a username by their address', async () => {
    await kit.openBrowser().register('zoe');
    const listed: unknown[] = [];
    for await (const { username, email } of kit.services.accountChanges.list()) listed.push(username ?? email);
    expect(listed).toEqual(['zoe', 'Ada@mail.example', 'bob@mail.example', 'grace@mail.example']);
  });
});

const options = { database: sqlite(':memory:'), publicUrl: 'https://app.example', ...createTestKeys() };

test('an auth without usernames has the procedures that ask for none', () => {
  const byEmail = createAuth({ ...options, identifiers: ['email'], features: [passwords()] });
  expect(byEmail.routers.auth.register).toBe(passwordRoutersByEmail.auth.register);
  const passwordsByEmail = createAuth({ ...options, features: [passwords({ identifiers: ['email'] })] });
  expect(passwordsByEmail.routers.auth.register).toBe(passwordRoutersByEmail.auth.register);
  const withNames = createAuth({ ...options, identifiers: ['username', 'email'], features: [passwords()] });
  expect(withNames.routers.auth.register).toBe(passwordRouters.auth.register);
});

test('identifiers that the stack does not know are refused', () => {
  // @ts-expect-error -- an account without an address could not be recovered
  expect(() => createAuth({ ...options, identifiers: ['username'], features: [] })).toThrow(TypeError);
});
