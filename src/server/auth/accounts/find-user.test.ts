import { expect, test } from 'vitest';
import { createTestAuth } from '#testing/auth.ts';
import { eachStore } from '#testing/each-store.ts';

test.each(eachStore)('an app finds the user of an id, and nobody by another, on $dialect', async ({ open }) => {
  const store = await open();
  const kit = await createTestAuth(store);
  const browser = kit.openBrowser();
  await browser.register('ada');
  const me = await browser.call().user.me();
  expect(me.username).toBe('ada');
  expect(await kit.auth.findUser(me.id)).toEqual(me);
  expect(await kit.auth.findUser('00000000-0000-4000-8000-000000000000')).toBeNull();
  expect(await kit.auth.findUser('ada')).toBeNull();
  await kit.stop();
  await store.remove();
});
