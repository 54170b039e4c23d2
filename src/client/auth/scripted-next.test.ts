import { createTRPCUntypedClient, type Operation, TRPCClientError, type TRPCLink } from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import { observable } from '@trpc/server/observable';
import { expect, test } from 'vitest';
import { reasonOf } from './index.ts';
import { createTestBrowser } from './testing/browser.ts';
import { settle } from './testing/clock.ts';
import { refusal } from './testing/server.ts';

interface Attempt {
  op: Operation;
  answer: (data: unknown) => void;
  refuse: (reason: Parameters<typeof refusal>[0]) => void;
  isUnsubscribed: () => boolean;
}

/** A terminating link whose answers the test gives, one attempt at a time. */
const scriptedTab = async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  tab.auth.start();
  await settle();

  const attempts: Attempt[] = [];
  const scripted: TRPCLink<AnyRouter> =
    () =>
    ({ op }) =>
      observable((observer) => {
        let unsubscribed = false;
        tab.auth.headers({ op });
        attempts.push({
          op,
          answer: (data) => observer.next({ result: { type: 'data', data } }),
          refuse(reason) {
            const { body } = refusal(reason);
            if (typeof body === 'object' && body !== null) observer.error(TRPCClientError.from(body));
          },
          isUnsubscribed: () => unsubscribed,
        });
        return () => {
          unsubscribed = true;
        };
      });
  const client = createTRPCUntypedClient({ links: [tab.auth.link(), scripted] });
  return { browser, tab, client, attempts };
};

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

test('a subscription that the gate refuses is opened again once, and its data flow through', async () => {
  const { client, attempts } = await scriptedTab();
  const data: unknown[] = [];
  const reasons: unknown[] = [];
  client.subscription('notes.onChange', undefined, {
    onData: (value) => data.push(value),
    onError: (error) => reasons.push(reasonOf(error)),
  });
  await settle();
  attempts[0]?.refuse('access_token_expired');
  await settle();
  attempts[1]?.answer('one');
  attempts[1]?.answer('two');
  expect(data).toEqual(['one', 'two']);
  attempts[1]?.refuse('access_token_expired');
  await settle();
  expect(attempts).toHaveLength(2);
  expect(reasons).toEqual(['access_token_expired']);
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
