import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestAuth, createTestKeys, createTestSecret, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { createAuth } from '../create-auth.ts';
import { passwords } from '../features/passwords/index.ts';
import { keepStep } from './pending-steps.ts';

const FLOW = '__Host-flow';

describe.each(eachStore)('what a browser has begun, on $dialect', ({ open }) => {
  let store: TestStore;
  let kit: TestAuth;

  beforeAll(async () => {
    store = await open();
    kit = await createTestAuth(store, { dataSecrets: [createTestSecret()] });
  });
  afterAll(async () => {
    await kit.stop();
    await store.remove();
  });

  const cookieOf = (browser: TestBrowser): string => browser.cookies.get(FLOW)?.[0] ?? '';

  const begin = async (browser: TestBrowser, next: 'second_factor' | 'confirm_link'): Promise<void> => {
    const { cookies } = browser.context();
    const name = kit.services.flowCookie.write(cookies);
    const step =
      next === 'second_factor'
        ? ({ next, methods: ['totp'], expiresIn: 600 } as const)
        : ({ next, provider: 'acme', expiresIn: 600 } as const);
    const data = keepStep(step.next === 'second_factor' ? { ...step, methods: [...step.methods] } : step);
    await kit.services.flows.begin({ kind: next, browser: name, data, ttlMs: 600_000 });
  };

  test('is answered again after a reload, to that browser alone, and until its time is over', async () => {
    const browser = kit.openBrowser();
    expect(await browser.call().auth.pending()).toEqual({ next: null });
    expect(browser.cookies.has(FLOW)).toBe(false);
    await begin(browser, 'confirm_link');
    await begin(browser, 'second_factor');
    const cookie = cookieOf(browser);
    expect(cookie).toMatch(/^[\w-]{43}$/);
    kit.clock.advance(60_000);
    expect(await browser.call().auth.pending()).toEqual({ next: 'second_factor', methods: ['totp'], expiresIn: 540 });
    expect(cookieOf(browser)).toBe(cookie);
    const other = kit.openBrowser();
    other.cookies.set(FLOW, ['x'.repeat(43)]);
    expect(await other.call().auth.pending()).toEqual({ next: null });
    // A planted one beside it is not believed.
    other.cookies.set(FLOW, [cookie, 'x'.repeat(43)]);
    expect(await other.call().auth.pending()).toEqual({ next: null });
    kit.clock.advance(540_000);
    expect(await browser.call().auth.pending()).toEqual({ next: null });
  });

  test('ends with a logout', async () => {
    const browser = kit.openBrowser();
    await begin(browser, 'second_factor');
    const other = kit.openBrowser();
    await begin(other, 'confirm_link');
    await browser.call().auth.logout();
    expect(await browser.call().auth.pending()).toEqual({ next: null });
    expect(await other.call().auth.pending()).toEqual({ next: 'confirm_link', provider: 'acme', expiresIn: 600 });
  });

  test('the ways to sign in are what the features say of themselves', async () => {
    expect(await kit.openBrowser().call().auth.methods()).toEqual({
      password: true,
      passkeys: false,
      mail: false,
      emailVerification: false,
      secondFactor: 'off',
      providers: [],
    });
  });

  test('a feature that keeps secrets asks for one at once, in a line', () => {
    const { database } = store;
    const features = [{ ...passwords(), needsDataSecret: true }];
    const options = { database, publicUrl: 'https://app.example', ...createTestKeys(), dataSecrets: [] };
    expect(() => createAuth({ ...options, features })).toThrow(
      'The feature passwords keeps secrets. DATA_SECRET (dataSecrets) is missing: `npx latchkey secrets` makes one.',
    );
    expect(() => createAuth({ ...options, features, dataSecrets: [createTestSecret()] })).not.toThrow();
  });
});
