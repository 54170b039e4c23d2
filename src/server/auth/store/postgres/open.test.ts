import { sql } from 'kysely';
import { expect, test, vi } from 'vitest';
import { createTestDatabase } from '#testing/test-database.ts';
import { postgres } from './open.ts';

test('the one connection on which the feed listens hears a channel of the app as well', async () => {
  const { url, drop } = await createTestDatabase();
  const changes: boolean[] = [];
  const store = postgres({ url, onFeedChange: (isLive) => changes.push(isLive) });
  const heard: string[] = [];
  const feed = store.createFeed();
  store.listen('news', {
    notice: (payload) => heard.push(payload),
    catchUp: async () => {
      heard.push('caught up');
      await Promise.resolve();
    },
  });
  try {
    await feed.start({ catchUp: () => Promise.resolve(), notice: () => undefined });
    expect([feed.isLive(), heard, changes]).toEqual([true, ['caught up'], [true]]);
    const { rows } = await sql`select 1 from pg_stat_activity
      where datname = current_database() and application_name = 'latchkey feed'`.execute(store.db);
    expect(rows).toHaveLength(1);
    await sql`select pg_notify('news', 'one')`.execute(store.db);
    await vi.waitFor(() => expect(heard).toEqual(['caught up', 'one']));
  } finally {
    await feed.stop();
    await store.close();
    await drop();
  }
});
