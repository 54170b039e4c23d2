import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestAuth, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';

const LEEWAY = 30_000;
const REFRESH = '__Host-refresh';
const HINT = '__Host-session_hint';

describe.each(eachStore)('on $dialect a refresh', ({ open }) => {
  let store: TestStore;
  let kit: TestAuth;
  let browser: TestBrowser;
  /** The cookies that the last answer wrote. */
  let written: string[];

  beforeEach(async () => {
    store = await open();
    kit = await createTestAuth(store);
    browser = kit.openBrowser();
    const { context } = browser;
    browser.context = () => {
      const { cookies, ...rest } = context();
      written = [];
      return {
        ...rest,
        cookies: {
          ...cookies,
          set: (name, value, options) => {
            written.push(name);
            cookies.set(name, value, options);
          },
        },
      };
    };
    await browser.register('ada');
  });
  afterEach(async () => {
    await kit.stop();
    await store.remove();
  });

  // An answer that only says again what the browser has could arrive after the one that brings what comes next, and
  // take it away.
  test('that replays the newest token hands it back as it stands, and writes no cookie', async () => {
    kit.clock.advance(LEEWAY);
    await browser.refresh();
    expect(written).toEqual([REFRESH, HINT]);
    kit.clock.advance(LEEWAY - 1);
    const before = new Map(browser.cookies);
    await browser.refresh();
    expect(written).toEqual([]);
    expect(browser.cookies).toEqual(before);
    expect(kit.events.at(-1)).toMatchObject({ how: 'replay' });
    await browser.call().user.me();
  });

  test.each([
    ['has no hint', undefined],
    ['signed out meanwhile', ['out']],
    ['has the hint of another session', ['AAAAAAAAAAAA']],
    ['has two hints', ['AAAAAAAAAAAA', 'BBBBBBBBBBBB']],
  ])('of a browser that %s writes both cookies, with the same token', async (_what, hint) => {
    const [token] = browser.cookies.get(REFRESH) ?? [];
    const right = browser.cookies.get(HINT);
    if (hint === undefined) browser.cookies.delete(HINT);
    else browser.cookies.set(HINT, hint);
    kit.clock.advance(1000);
    await browser.refresh();
    expect(written).toEqual([REFRESH, HINT]);
    expect(browser.cookies.get(REFRESH)).toEqual([token]);
    expect(browser.cookies.get(HINT)).toEqual(right);
  });

  test('that replays an older token writes both: the browser has not what it is answered with', async () => {
    kit.clock.advance(LEEWAY);
    const older = new Map(browser.cookies);
    await browser.refresh();
    browser.cookies = older;
    kit.clock.advance(1000);
    await browser.refresh();
    expect(kit.events.at(-1)).toMatchObject({ how: 'replay' });
    expect(written).toEqual([REFRESH, HINT]);
  });
});
