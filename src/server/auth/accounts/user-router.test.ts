import { expect, test } from 'vitest';
import { createTestAuth } from '#testing/auth.ts';
import { eachStore } from '#testing/each-store.ts';
import { quietFeed } from '#testing/quiet-feed.ts';
import { refusal } from '#testing/refusal.ts';
import type { AuthTables } from '../store/tables.ts';

test.each(eachStore)(
  'the last token of an account that is gone says so, before it is heard of, on $dialect',
  async ({ open }) => {
    const store = await open();
    const kit = await createTestAuth(store, { feed: quietFeed });
    const browser = kit.openBrowser();
    await browser.register('ada');
    await store.database.db.withTables<AuthTables>().deleteFrom('auth_users').execute();
    expect(await refusal(browser.call().user.me())).toBe('session_revoked: account_deleted');
    await kit.stop();
    await store.remove();
  },
);
