import { expect, test } from 'vitest';
import { scriptedTab } from '#testing/client/scripted-tab.ts';
import { reasonOf } from '../index.ts';
import { settle } from '../testing/clock.ts';

test('a retry is the same operation, with the caller’s context and no token in it', async () => {
  const { client, attempts } = await scriptedTab();
  const call = client.query('notes.list', { limit: 1 }, { context: { mine: true } });
  await settle();
  attempts[0]?.refuse('access_token_expired');
  await settle();
  attempts[1]?.answer('ada');
  expect(await call).toBe('ada');
  const [first, second] = attempts.map(({ op }) => op);
  expect(second).toMatchObject({ id: first?.id, path: 'notes.list', input: { limit: 1 }, context: { mine: true } });
  expect(JSON.stringify(attempts)).not.toContain('access-');
});

test('an unsubscribe while the link waits is the end of it', async () => {
  const { tab, client, attempts } = await scriptedTab();
  tab.network.next('hold', 'auth.refresh');
  let heard = 0;
  const count = (): void => {
    heard += 1;
  };
  const subscription = client.subscription('notes.onChange', undefined, { onData: count, onError: count });
  await settle();
  attempts[0]?.refuse('access_token_expired');
  await settle();
  subscription.unsubscribe();
  tab.network.sent('auth.refresh')[1]?.deliver();
  await settle();
  expect(attempts).toHaveLength(1);
  expect(heard).toBe(0);
});

test('an unsubscribe reaches what was sent', async () => {
  const { client, attempts } = await scriptedTab();
  const subscription = client.subscription('notes.onChange', undefined, {});
  await settle();
  subscription.unsubscribe();
  expect(attempts[0]?.isUnsubscribed()).toBe(true);
});

test('where the headers are not wired the call is refused twice and no more', async () => {
  const { tab, client, attempts } = await scriptedTab();
  const call = client.query('notes.list').catch((error: unknown) => error);
  await settle();
  attempts[0]?.refuse('access_token_missing');
  await settle();
  attempts[1]?.refuse('access_token_missing');
  expect(reasonOf(await call)).toBe('access_token_missing');
  expect(tab.network.sent('auth.refresh').length).toBeLessThanOrEqual(2);
});
