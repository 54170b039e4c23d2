import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestAuth, TEST_PASSWORD, type TestAuth } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';

const TABLES = ['auth_users', 'auth_sessions', 'auth_flows', 'auth_limits'];

describe.each(eachStore)('the store on $dialect', ({ open }) => {
  let store: TestStore;
  let kit: TestAuth;

  beforeEach(async () => {
    store = await open();
    kit = await createTestAuth(store, { rateLimit: true });
  });
  afterEach(async () => {
    await kit.stop();
    await store.remove();
  });

  /** All that somebody has who has stolen a copy of it. */
  const dump = async (): Promise<string> => {
    const tables = await Promise.all(
      TABLES.map((table) => sql`select * from ${sql.table(table)}`.execute(store.database.db)),
    );
    return JSON.stringify(tables.map(({ rows }) => rows));
  };

  test('has no account to begin with', async () => {
    expect(await dump()).toBe('[[],[],[],[]]');
  });

  test('holds no password, no token, and nothing of which one can be made', async () => {
    const browser = kit.openBrowser();
    await browser.register('ada');
    const typed = 'a password in the wrong field';
    await browser
      .call()
      .auth.login({ username: typed, password: 'x' })
      .catch(() => undefined);

    const [token = ''] = browser.cookies.get('__Host-refresh') ?? [];
    const [device = ''] = browser.cookies.get('__Host-device') ?? [];
    const [, claims = ''] = token.split('.');
    const { sec }: { sec: string } = JSON.parse(Buffer.from(claims, 'base64url').toString());
    const text = await dump();
    expect(text).toContain('ada@mail.example');
    expect(sec).toHaveLength(43);
    for (const secret of [TEST_PASSWORD, typed, token, browser.accessToken ?? '', device, sec])
      expect(text).not.toContain(secret);
  });
});
