import { TRPCClientError } from '@trpc/client';
import { expect, test } from 'vitest';
import { scriptedTab } from '#testing/client/scripted-tab.ts';
import { collectRejections } from '#testing/collect-rejections.ts';
import { isIdentityChanged, reasonOf } from '../index.ts';
import { settle } from '../testing/clock.ts';
import { refusal, type TestReply, unavailable } from '../testing/server.ts';

const bob = { username: 'bob', password: 'battery staple' };
const refused = ({ body }: TestReply): Error => {
  if (typeof body !== 'object' || body === null) throw new Error('There is no answer.');
  return TRPCClientError.from(body);
};
const networkFailure = (): Error => new TypeError('Failed to fetch');

/** A subscription of Ada's, with all that its subscriber hears. */
const subscribed = async ({ input }: { input?: unknown } = {}) => {
  const scripted = await scriptedTab();
  const data: unknown[] = [];
  const errors: unknown[] = [];
  const states: string[] = [];
  let starts = 0;
  let completions = 0;
  const subscription = scripted.client.subscription('notes.onChange', input, {
    onStarted: () => void (starts += 1),
    onData: (value) => data.push(value),
    onError: (error) => errors.push(error),
    onComplete: () => void (completions += 1),
    onConnectionStateChange: ({ state }) => states.push(state),
  });
  await settle();
  const latest = () => {
    const attempt = scripted.attempts.at(-1);
    if (attempt === undefined) throw new Error('Nothing was sent.');
    return attempt;
  };
  return {
    ...scripted,
    subscription,
    latest,
    data,
    errors,
    states,
    starts: () => starts,
    completions: () => completions,
    /** Lets the stream of the moment stand until the next thing happens. */
    async stand(): Promise<void> {
      latest().report({ type: 'started' });
      await scripted.browser.clock.advance(1_000);
    },
  };
};

test('a token that expires under a stream is renewed, and the stream goes on after the last event', async () => {
  const { browser, tab, attempts, latest, data, errors } = await subscribed();
  for (const round of [1, 2, 3, 4, 5]) {
    latest().event(`event ${round}`, String(round));
    browser.server.expireTokens();
    latest().refuse('access_token_expired');
    await settle();
    expect(attempts).toHaveLength(round + 1);
    expect(latest().op.input).toEqual({ lastEventId: String(round) });
  }
  expect(data).toHaveLength(5);
  expect(errors).toEqual([]);
  expect(tab.network.sent('auth.refresh')).toHaveLength(6);
});

test('a stream in which nothing happens goes on as well, however many tokens it outlives', async () => {
  const { attempts, latest, stand, errors } = await subscribed();
  for (let round = 1; round <= 5; round += 1) {
    await stand();
    latest().refuse('access_token_expired');
    await settle();
    expect(attempts).toHaveLength(round + 1);
  }
  expect(errors).toEqual([]);
});

test('a stream that is refused again at once is an error, not a loop', async () => {
  const { attempts, latest, errors } = await subscribed();
  for (let round = 0; round < 2; round += 1) {
    latest().report({ type: 'started' });
    latest().refuse('access_token_expired');
    await settle();
  }
  expect(attempts).toHaveLength(2);
  expect(errors.map(reasonOf)).toEqual(['access_token_expired']);
});

test('the token that was renewed meanwhile costs no refresh', async () => {
  const { browser, tab, attempts, stand, latest } = await subscribed();
  await stand();
  await browser.clock.advance(720_000);
  expect(tab.network.sent('auth.refresh')).toHaveLength(2);
  latest().refuse('access_token_expired');
  await settle();
  expect(attempts).toHaveLength(2);
  expect(tab.network.sent('auth.refresh')).toHaveLength(2);
});

test.each([
  ['a lost network', networkFailure()],
  ['a store that cannot be asked', refused(unavailable())],
  ['a session that has as many streams as it may', refused(refusal('too_many_streams'))],
])('%s backs off and goes on after the last event, and is no error', async (_, failure) => {
  const { browser, attempts, latest, data, errors, states, completions } = await subscribed();
  latest().event('one', '1');
  const gaps: number[] = [];
  for (const seconds of [0.5, 1, 2, 4, 8, 16, 30, 30]) {
    const before = attempts.length;
    latest().fail(failure);
    await browser.clock.advance(seconds * 1_000 - 1);
    expect(attempts).toHaveLength(before);
    await browser.clock.advance(1);
    gaps.push(attempts.length - before);
  }
  expect(gaps).toEqual(gaps.map(() => 1));
  expect(latest().op.input).toEqual({ lastEventId: '1' });
  latest().event('two', '2');
  expect(data).toEqual(['one', 'two']);
  expect(states.at(-1)).toBe('connecting');
  expect([errors.length, completions()]).toEqual([0, 0]);
});

test('a server that wants no other attempt before its time has none, whatever wakes the page', async () => {
  const { browser, tab, attempts, latest, states, errors } = await subscribed();
  latest().fail(refused(refusal('rate_limited', { retryAfter: 90 })));
  await browser.clock.advance(80_000);
  tab.connect(false);
  tab.connect(true);
  tab.show(false);
  tab.show(true);
  await browser.clock.advance(9_999);
  expect(attempts).toHaveLength(1);
  expect(states.at(-1)).toBe('connecting');
  await browser.clock.advance(1);
  expect(attempts).toHaveLength(2);
  expect(errors).toEqual([]);
});

test('a page that is hidden when that time has come waits until it is seen', async () => {
  const { browser, tab, attempts, latest } = await subscribed();
  latest().fail(refused(refusal('rate_limited', { retryAfter: 90 })));
  tab.show(false);
  await browser.clock.advance(3_600_000);
  expect(attempts).toHaveLength(1);
  tab.show(true);
  await settle();
  expect(attempts).toHaveLength(2);
});

test('what tRPC’s link would mend by itself is mended here, with everybody else’s attempt spread out', async () => {
  const { browser, attempts, latest } = await subscribed();
  latest().report({ type: 'state', state: 'connecting', error: TRPCClientError.from(networkFailure()) });
  expect(attempts[0]?.isUnsubscribed()).toBe(true);
  await browser.clock.advance(1_000);
  expect(attempts).toHaveLength(2);
});

test('what a stream says after it was given up is not heard', async () => {
  const { browser, attempts, latest, data } = await subscribed();
  latest().event('one', '1');
  latest().report({ type: 'state', state: 'connecting', error: TRPCClientError.from(networkFailure()) });
  attempts[0]?.event('two', '2');
  await browser.clock.advance(1_000);
  latest().event('two', '2');
  expect(data).toEqual(['one', 'two']);
});

test.each(['online', 'visible'] as const)(
  'a stream that waits for another attempt has it when the page is %s',
  async (event) => {
    const { tab, attempts, latest } = await subscribed();
    latest().fail(networkFailure());
    if (event === 'online') tab.connect(true);
    else tab.show(true);
    await settle();
    expect(attempts).toHaveLength(2);
  },
);

test('a stream over a network that is gone is opened anew over the next one', async () => {
  const { tab, attempts, latest } = await subscribed();
  latest().event('one', '1');
  tab.connect(false);
  tab.connect(true);
  await settle();
  expect(attempts[0]?.isUnsubscribed()).toBe(true);
  expect(latest().op.input).toEqual({ lastEventId: '1' });
});

test('a page that is shown again leaves a stream alone that is open', async () => {
  const { tab, attempts } = await subscribed();
  tab.show(true);
  await settle();
  expect(attempts).toHaveLength(1);
});

test('a hidden page closes its stream, and goes on after the last event when it is seen', async () => {
  const { browser, tab, attempts, latest, data, completions } = await subscribed();
  latest().event('one', '1');
  tab.show(false);
  expect(attempts[0]?.isUnsubscribed()).toBe(true);
  await browser.clock.advance(3_600_000);
  expect(attempts).toHaveLength(1);
  tab.show(true);
  await settle();
  expect(latest().op.input).toEqual({ lastEventId: '1' });
  latest().event('two', '2');
  expect(data).toEqual(['one', 'two']);
  expect(completions()).toBe(0);
});

test('a page that was never seen opens no stream until it is', async () => {
  const { tab, client, attempts } = await scriptedTab();
  tab.show(false);
  client.subscription('notes.onChange', undefined, {});
  await settle();
  expect(attempts).toHaveLength(0);
  tab.show(true);
  await settle();
  expect(attempts).toHaveLength(1);
});

test('a page that is hidden while its token is renewed opens nothing when that is done', async () => {
  const { tab, attempts, latest, stand } = await subscribed();
  await stand();
  tab.network.next('hold', 'auth.refresh');
  latest().refuse('access_token_expired');
  await settle();
  tab.show(false);
  tab.network.sent('auth.refresh').at(-1)?.deliver();
  await settle();
  expect(attempts).toHaveLength(1);
  tab.show(true);
  await settle();
  expect(attempts).toHaveLength(2);
});

test('while no token can be had the stream waits, and opens with the one that comes', async () => {
  const { browser, tab, attempts, latest, stand, errors } = await subscribed();
  await stand();
  tab.network.usually('lose request');
  latest().refuse('access_token_expired');
  await browser.clock.advance(3_600_000);
  expect(attempts).toHaveLength(1);
  tab.network.usually('pass');
  tab.connect(true);
  await settle();
  expect(attempts).toHaveLength(2);
  expect(errors).toEqual([]);
});

test('a stream that waits goes on as soon as the session finds that the server is back', async () => {
  const { browser, tab, client, attempts, latest, stand } = await subscribed();
  await stand();
  tab.network.usually('lose request');
  latest().refuse('access_token_expired');
  await browser.clock.advance(3_600_000);
  await browser.clock.advance(1_000);
  tab.network.usually('pass');
  await client.mutation('auth.refresh');
  await settle();
  expect(attempts).toHaveLength(2);
});

test('the end of the session is the end of the stream, with its reason', async () => {
  const { browser, tab, attempts, latest, errors } = await subscribed();
  browser.server.end('sid-1', 'logout');
  latest().refuse('session_revoked');
  await browser.clock.advance(60_000);
  expect(errors.map(reasonOf)).toEqual(['session_revoked']);
  expect(attempts).toHaveLength(1);
  expect(tab.auth.getState().status).toBe('anonymous');
});

test('a refusal that no token would mend is an error', async () => {
  const { browser, attempts, latest, errors } = await subscribed();
  latest().refuse('role_required');
  await browser.clock.advance(60_000);
  expect(errors.map(reasonOf)).toEqual(['role_required']);
  expect(attempts).toHaveLength(1);
});

test('a stream that ends of itself is complete', async () => {
  const { browser, attempts, latest, completions } = await subscribed();
  latest().complete();
  await browser.clock.advance(60_000);
  expect(completions()).toBe(1);
  expect(attempts).toHaveLength(1);
});

test.each(['open', 'waiting', 'hidden'] as const)('a stream that is %s is dropped with its user', async (how) => {
  const { browser, tab, attempts, latest, errors } = await subscribed();
  latest().event('one', '1');
  if (how === 'waiting') latest().fail(networkFailure());
  if (how === 'hidden') tab.show(false);
  await tab.auth.signIn(bob);
  tab.show(true);
  await browser.clock.advance(60_000);
  expect(errors.map(isIdentityChanged)).toEqual([true]);
  expect(attempts).toHaveLength(1);
  expect(attempts[0]?.isUnsubscribed()).toBe(true);
});

test('a stream that nobody opened is not opened again as somebody’s', async () => {
  const { browser, tab, client, attempts } = await scriptedTab({ name: null });
  const errors: unknown[] = [];
  client.subscription('news.onChange', undefined, { onError: (error) => errors.push(error) });
  await settle();
  await tab.auth.signIn(bob);
  expect(attempts[0]?.isUnsubscribed()).toBe(false);
  attempts[0]?.fail(networkFailure());
  await browser.clock.advance(60_000);
  expect(attempts).toHaveLength(1);
  expect(errors.map(isIdentityChanged)).toEqual([true]);
});

test('unsubscribing while the stream waits is the end of it', async () => {
  const { browser, attempts, latest, subscription } = await subscribed();
  latest().fail(networkFailure());
  const timers = browser.clock.timers();
  subscription.unsubscribe();
  expect(browser.clock.timers()).toBeLessThan(timers);
  await browser.clock.advance(60_000);
  expect(attempts).toHaveLength(1);
});

test('an input of one’s own is kept beside the place to go on', async () => {
  const { latest, attempts } = await subscribed({ input: { folder: 'a' } });
  expect(latest().op.input).toEqual({ folder: 'a' });
  latest().event('one', '7');
  latest().refuse('access_token_expired');
  await settle();
  expect(attempts[1]?.op.input).toEqual({ folder: 'a', lastEventId: '7' });
});

test('each connection of one EventSource has the token of its moment', async () => {
  const { tab, browser } = await scriptedTab();
  const op = {
    id: 1,
    type: 'subscription',
    path: 'notes.onChange',
    input: undefined,
    context: {},
    signal: null,
  } as const;
  const { fetch } = tab.auth.eventSourceOptions({ op });
  const connect = () => fetch('/api/trpc/notes.onChange', { headers: { Accept: 'text/event-stream' } });
  await connect();
  await browser.clock.advance(720_000);
  await connect();
  const sent = tab.network.sent('notes.onChange');
  expect(sent.map(({ accessToken }) => accessToken)).toEqual(['access-1', 'access-2']);
  expect(sent[0]?.headers.get('accept')).toBe('text/event-stream');
});

test('a subscriber that throws stops neither the sign-out nor the other subscribers', async () => {
  const { tab, client, errors } = await subscribed();
  const failure = new Error('A bug of the app.');
  // In front of the first one: whoever is dropped later must still be told.
  const other = client.subscription('notes.onChange', undefined, {
    onError: () => {
      throw failure;
    },
  });
  await settle();
  const reported = collectRejections();
  const third: unknown[] = [];
  client.subscription('notes.onChange', undefined, { onError: (error) => third.push(error) });
  await tab.auth.signOut();
  await new Promise((resolve) => setImmediate(resolve));

  expect(reported).toEqual([failure]);
  expect(errors.map(isIdentityChanged)).toEqual([true]);
  expect(third.map(isIdentityChanged)).toEqual([true]);
  expect(tab.network.sent('auth.logout')).toHaveLength(1);
  other.unsubscribe();
});
