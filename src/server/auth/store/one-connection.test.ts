import { expect, test } from 'vitest';
import { createStore } from '#server/database/index.ts';
import { createTestAuth } from '#testing/auth.ts';
import { createTestDatabase } from '#testing/test-database.ts';

const DAY = 24 * 60 * 60 * 1000;

test('on a pool of one connection no call waits for itself, and a race has one outcome', async () => {
  const store = await createTestDatabase();
  const location = { databaseUrl: store.url, dataDir: 'memory:', poolSize: 1 };
  const database = createStore(location);
  const kit = await createTestAuth({ database });
  try {
    const people = Array.from({ length: 10 }, () => kit.openBrowser());
    await Promise.all(people.map((person, index) => person.register(`person_${index}`)));
    kit.clock.advance(DAY);
    await Promise.all([...people, ...people].map((person) => person.refresh()));
    const twins = await Promise.allSettled(Array.from({ length: 10 }, () => kit.openBrowser().register('twin')));
    expect(twins.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await Promise.all(people.map((person) => person.call().auth.logout()));
    expect(kit.events.filter(({ event }) => event === 'session.ended')).toHaveLength(10);
  } finally {
    await kit.stop();
    await database.close();
    await store.drop();
  }
});
