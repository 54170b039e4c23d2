import { afterEach, describe, expect, test } from 'vitest';
import { createTestAuth, createTestSecret, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore } from '#testing/each-store.ts';
import { reasonOf } from '../refusal.ts';
import { createSecretKeySet } from './keys.ts';

const MINUTE = 60 * 1000;
const DAY = 24 * 60 * MINUTE;

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

describe.each(eachStore)('on $dialect', ({ open }) => {
  test('both secrets can be replaced in the steps of the guide, and nobody is signed out', async () => {
    const store = await open();
    cleanUps.push(() => store.remove());
    const [old, fresh] = [createTestSecret(), createTestSecret()];
    const startWith = async (...secrets: string[]): Promise<TestAuth> => {
      const keys = { accessTokenKeys: createSecretKeySet(secrets), refreshTokenKeys: createSecretKeySet(secrets) };
      const kit = await createTestAuth(store, keys);
      cleanUps.push(() => kit.stop());
      return kit;
    };
    /** The same browser at another process, so much later than the first one started. */
    const move = (browser: TestBrowser, kit: TestAuth, later: number): TestBrowser => {
      kit.clock.advance(later);
      const moved = kit.openBrowser();
      moved.accessToken = browser.accessToken;
      for (const [name, values] of browser.cookies) moved.cookies.set(name, values);
      return moved;
    };

    const before = (await startWith(old)).openBrowser();
    await before.register('ada');
    const ahead = move(before, await startWith(old, fresh), 0);
    await ahead.call().user.me();
    // Beyond the leeway: within it a refresh hands the token back as it stands.
    const during = move(ahead, await startWith(fresh, old), MINUTE);
    await during.call().user.me();
    await during.refresh();
    const after = move(during, await startWith(fresh), DAY);
    await after.refresh();
    await after.call().user.me();

    const late = move(before, await startWith(fresh), 0);
    const refused = await late.refresh().then(() => undefined, reasonOf);
    expect(refused).toBe('refresh_token_invalid');
  });
});
