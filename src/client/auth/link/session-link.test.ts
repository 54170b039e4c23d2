import { createTRPCUntypedClient, httpLink, TRPCClientError } from '@trpc/client';
import { expect, test } from 'vitest';
import { createTestBrowser, type TestTab } from '#testing/client/browser.ts';
import { IdentityChangedError, isIdentityChanged, isOffline, reasonOf } from '../index.ts';
import { settle } from '../testing/clock.ts';
import { refusal, type TestReply, unavailable } from '../testing/server.ts';

const bob = { username: 'bob', password: 'battery staple' };

const clientOf = ({ auth, network }: TestTab) =>
  createTRPCUntypedClient({
    links: [
      auth.link(),
      httpLink({
        url: '/api/trpc',
        headers: auth.headers,
        fetch: (url, init) => network.fetch(url, { ...init, signal: init?.signal ?? null }),
      }),
    ],
  });

/** How a call ended: with its data, or with the error. */
const ending = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error);

const signedIn = async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  tab.auth.start();
  await settle();
  return { browser, tab, client: clientOf(tab), paths: () => tab.network.log.map(({ path }) => path) };
};

test('a call goes out with the token of the moment', async () => {
  const { browser, tab, client } = await signedIn();
  await client.query('notes.list');
  await browser.clock.advance(720_000);
  await client.query('notes.list');
  expect(tab.network.sent('notes.list').map(({ accessToken }) => accessToken)).toEqual(['access-1', 'access-2']);
});

test.each(['access_token_missing', 'access_token_expired', 'access_token_invalid', 'access_token_stale'] as const)(
  'a refusal by the gate (%s) costs one refresh and one retry, mutations too',
  async (reason) => {
    const { tab, client, paths } = await signedIn();
    tab.network.next(refusal(reason), 'notes.create');
    expect(await client.mutation('notes.create', { text: 'x' })).toBe('ada');
    expect(paths()).toEqual(['auth.refresh', 'notes.create', 'auth.refresh', 'notes.create']);
  },
);

test('20 calls with an expired token make one refresh, and all succeed', async () => {
  const { browser, tab, client } = await signedIn();
  browser.server.expireTokens();
  const calls = Array.from({ length: 20 }, (_, index) => client.query(`notes.list${index}`));
  expect(await Promise.all(calls)).toEqual(Array.from({ length: 20 }, () => 'ada'));
  expect(tab.network.sent('auth.refresh')).toHaveLength(2);
  expect(tab.network.log).toHaveLength(1 + 20 + 1 + 20);
});

test('a second refusal is passed on, without another refresh', async () => {
  const { tab, client } = await signedIn();
  tab.network.next(refusal('access_token_expired'), 'notes.list');
  tab.network.next(refusal('access_token_expired'), 'notes.list');
  expect(reasonOf(await ending(client.query('notes.list')))).toBe('access_token_expired');
  expect(tab.network.sent('auth.refresh')).toHaveLength(2);
  expect(tab.network.sent('notes.list')).toHaveLength(2);
});

test('a rejection of a token that has been replaced since retries without a refresh', async () => {
  const { browser, tab, client } = await signedIn();
  tab.network.next('hold', 'notes.list');
  const call = client.query('notes.list');
  await settle();
  browser.server.expireTokens();
  tab.network.sent('notes.list')[0]?.arrive();
  await browser.clock.advance(720_000);
  expect(tab.network.sent('auth.refresh')).toHaveLength(2);
  tab.network.sent('notes.list')[0]?.deliver();
  expect(await call).toBe('ada');
  expect(tab.network.sent('auth.refresh')).toHaveLength(2);
});

const answerOf = (status: number, data: Record<string, unknown>): TestReply => ({
  status,
  body: { error: { message: 'x', code: -32001, data: { code: 'UNAUTHORIZED', httpStatus: status, ...data } } },
});

test.each([
  ['an UNAUTHORIZED without a reason', answerOf(401, {})],
  ['a 401 with a reason of the resolver', answerOf(401, { reason: 'invalid_credentials' })],
  ['a page of a proxy that says 401', { status: 401, body: '<html>' }],
  ['a 403', answerOf(403, { reason: 'role_required' })],
  ['a failure of the server', unavailable()],
  ['a lost request', 'lose request'],
  ['a lost answer', 'lose answer'],
] as const)('%s is passed on: no refresh, no retry', async (_, fate) => {
  const { tab, client, paths } = await signedIn();
  tab.network.next(fate, 'notes.create');
  expect(await ending(client.mutation('notes.create'))).toBeInstanceOf(TRPCClientError);
  await settle();
  expect(paths()).toEqual(['auth.refresh', 'notes.create']);
  expect(tab.auth.getState().status).toBe('authenticated');
});

test('calls that are made while restoring wait for it, and are sent once', async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  const client = clientOf(tab);
  expect(await Promise.all([client.query('notes.list'), client.query('user.me')])).toEqual(['ada', 'ada']);
  expect(tab.network.log.map(({ path }) => path)).toEqual(['auth.refresh', 'notes.list', 'user.me']);
});

test('an anonymous call is sent without a token, and its refusal passed on without a refresh', async () => {
  const tab = createTestBrowser().openTab();
  const client = clientOf(tab);
  expect(reasonOf(await ending(client.query('notes.list')))).toBe('access_token_missing');
  expect(tab.network.log.map(({ path, accessToken }) => [path, accessToken])).toEqual([['notes.list', undefined]]);
});

test('an anonymous call after a sign-in in another tab is made as the new user', async () => {
  const browser = createTestBrowser();
  const tab = browser.openTab();
  tab.auth.start();
  await browser.openTab().auth.signIn(bob);
  expect(await clientOf(tab).query('notes.list')).toBe('bob');
});

test('a call with a token that is known to be past is not sent to be refused', async () => {
  const { browser, client, paths } = await signedIn();
  browser.clock.jump(901_000);
  await client.query('notes.list');
  expect(paths()).toEqual(['auth.refresh', 'auth.refresh', 'notes.list']);
});

test('a call that no token can be had for fails as offline, and the session stays', async () => {
  const { browser, tab, client } = await signedIn();
  browser.server.expireTokens();
  tab.network.next('lose request', 'auth.refresh');
  const error = await ending(client.query('notes.list'));
  expect(error).toBeInstanceOf(TRPCClientError);
  expect(isOffline(error)).toBe(true);
  expect(tab.auth.getState()).toMatchObject({ status: 'authenticated', offline: true });
  await browser.clock.advance(1_000);
  expect(await client.query('notes.list')).toBe('ada');
});

test('calls do not hammer a server in trouble: for a second they fail with what is known', async () => {
  const { browser, tab, client } = await signedIn();
  browser.server.expireTokens();
  tab.network.usually('lose request');
  tab.network.next(refusal('access_token_expired'), 'notes.list');
  tab.network.next(refusal('access_token_expired'), 'user.me');
  expect(isOffline(await ending(client.query('notes.list')))).toBe(true);
  expect(isOffline(await ending(client.query('user.me')))).toBe(true);
  expect(tab.network.sent('auth.refresh')).toHaveLength(2);
});

test('while the store is down, a call that needs no token gets through, and one that does fails as offline', async () => {
  const browser = createTestBrowser();
  browser.signedInBefore('ada');
  const tab = browser.openTab();
  const client = clientOf(tab);
  tab.network.next(unavailable(), 'auth.refresh');
  tab.network.next({ body: { result: { data: 'public' } } }, 'news.list');
  const calls = [client.query('news.list'), ending(client.query('notes.list'))];
  const [news, error] = await Promise.all(calls);
  expect(news).toBe('public');
  expect(isOffline(error)).toBe(true);
});

test('with two refresh cookies the call says so, since only the user can help it', async () => {
  const { browser, tab, client } = await signedIn();
  browser.server.expireTokens();
  tab.network.next(refusal('refresh_token_ambiguous'), 'auth.refresh');
  expect(reasonOf(await ending(client.query('notes.list')))).toBe('refresh_token_ambiguous');
  expect(tab.auth.getState().status).toBe('authenticated');
});

test('when the refresh finds the session over, every waiting call says why', async () => {
  const { browser, tab, client } = await signedIn();
  browser.server.expireTokens();
  tab.network.next(refusal('refresh_token_reused'), 'auth.refresh');
  const errors = await Promise.all(['a', 'b', 'c'].map((path) => ending(client.query(path))));
  expect(errors.map(reasonOf)).toEqual(Array.from({ length: 3 }, () => 'refresh_token_reused'));
  expect(tab.auth.getState()).toMatchObject({ status: 'anonymous', ended: { reason: 'refresh_token_reused' } });
});

test('session_revoked from the gate ends the session with its cause, and without a refresh', async () => {
  const { browser, tab, client } = await signedIn();
  browser.server.end('sid-1', 'password_changed');
  const error = await ending(client.query('notes.list'));
  expect(reasonOf(error)).toBe('session_revoked');
  expect(tab.network.sent('auth.refresh')).toHaveLength(1);
  const ended = { reason: 'session_revoked', cause: 'password_changed' };
  expect(tab.auth.getState()).toEqual({ status: 'anonymous', offline: false, ended });
  expect(browser.jar.hint).toBeNull();
});

test('session_revoked from the gate restores as the new session if the hint has changed', async () => {
  const { browser, tab, client } = await signedIn();
  await browser.openTab().auth.signIn(bob);
  expect(reasonOf(await ending(client.query('notes.list')))).toBe('session_revoked');
  await settle();
  expect(tab.auth.getState()).toMatchObject({ status: 'authenticated', user: { username: 'bob' } });
  expect(await client.query('notes.list')).toBe('bob');
});

test('a late session_revoked of a session that was replaced here does not end the new one', async () => {
  const { browser, tab, client } = await signedIn();
  tab.network.next('hold', 'notes.list');
  const call = ending(client.query('notes.list'));
  await settle();
  await tab.auth.signIn({ username: 'ada', password: 'correct horse' });
  tab.network.sent('notes.list')[0]?.deliver();
  expect(reasonOf(await call)).toBe('session_revoked');
  expect(tab.auth.getState().status).toBe('authenticated');
  expect(browser.jar.hint).toBe('hint-2');
});

test('calls in flight are dropped when the user changes, and never sent as the new one', async () => {
  const { browser, tab, client } = await signedIn();
  browser.server.expireTokens();
  tab.network.next('hold', 'auth.refresh');
  tab.network.next('hold', 'notes.list');
  const waiting = ending(client.mutation('notes.create'));
  const inFlight = ending(client.query('notes.list'));
  await settle();
  await tab.auth.signIn(bob);
  for (const call of [waiting, inFlight]) {
    const error = await call;
    expect(error).toBeInstanceOf(TRPCClientError);
    expect(error).toHaveProperty('cause', expect.any(IdentityChangedError));
  }
  await settle();
  expect(tab.network.sent('notes.create')).toHaveLength(1);
  expect(tab.network.sent('notes.list')[0]?.isAborted()).toBe(true);
});

test('a refresh that brings another user drops what waited for it', async () => {
  const { browser, tab, client } = await signedIn();
  browser.server.expireTokens();
  Object.assign(browser.jar, browser.server.openSession('bob'));
  const error = await ending(client.mutation('notes.create'));
  expect(error).toHaveProperty('cause', expect.any(IdentityChangedError));
  expect(tab.auth.getState()).toMatchObject({ user: { username: 'bob' } });
  expect(tab.network.sent('notes.create')).toHaveLength(1);
});

test('a call that an anonymous visitor made is not sent again as the user who signs in', async () => {
  const browser = createTestBrowser();
  const tab = browser.openTab();
  const client = clientOf(tab);
  tab.network.next('hold', 'notes.create');
  const call = ending(client.mutation('notes.create'));
  await settle();
  tab.network.sent('notes.create')[0]?.arrive();
  await tab.auth.signIn(bob);
  tab.network.sent('notes.create')[0]?.deliver();
  expect(reasonOf(await call)).toBe('access_token_missing');
  expect(tab.network.sent('notes.create')).toHaveLength(1);
});

test('signing out drops the calls that wait for a refresh', async () => {
  const { browser, tab, client } = await signedIn();
  browser.server.expireTokens();
  tab.network.next('hold', 'auth.refresh');
  const call = ending(client.query('notes.list'));
  await settle();
  await tab.auth.signOut();
  expect(await call).toHaveProperty('cause', expect.any(IdentityChangedError));
});

test('an abort settles a call that waits at once, and leaves the shared refresh to the others', async () => {
  const { browser, tab, client } = await signedIn();
  browser.server.expireTokens();
  tab.network.next('hold', 'auth.refresh');
  const controller = new AbortController();
  const aborted = ending(client.query('notes.list', undefined, { signal: controller.signal }));
  const other = client.query('user.me');
  await settle();
  controller.abort();
  expect(await aborted).toMatchObject({ name: 'TRPCClientError', cause: { name: 'AbortError' } });
  const [, refresh] = tab.network.sent('auth.refresh');
  expect(refresh?.isAborted()).toBe(false);
  refresh?.deliver();
  expect(await other).toBe('ada');
  expect(tab.network.sent('notes.list')).toHaveLength(1);
});

test('a call that was aborted before it was made is not sent', async () => {
  const { tab, client } = await signedIn();
  const signal = AbortSignal.abort();
  expect(await ending(client.query('notes.list', undefined, { signal }))).toBeInstanceOf(TRPCClientError);
  await settle();
  expect(tab.network.sent('notes.list')).toHaveLength(0);
});

test('cookie procedures called through the client travel alone, and their sessions are adopted', async () => {
  const tab = createTestBrowser().openTab();
  const client = clientOf(tab);
  const answer = await client.mutation('auth.login', bob);
  // The token stays in the engine: what a caller gets ends up in caches.
  expect(answer).toMatchObject({ accessToken: '', user: { username: 'bob' } });
  expect(tab.auth.getState()).toMatchObject({ status: 'authenticated', user: { username: 'bob' } });

  expect(await client.mutation('auth.refresh')).toMatchObject({ accessToken: '', expiresIn: 900 });
  expect(tab.auth.headers()['authorization']).toBe('Bearer access-2');

  expect(await client.mutation('auth.logout')).toEqual({ ok: true });
  expect(tab.auth.getState()).toMatchObject({ status: 'anonymous', ended: { reason: 'signed_out' } });
});

/** The answer of a procedure that signs somebody in, with the cookies that come along. */
const signsIn = ({ server }: ReturnType<typeof createTestBrowser>, name: string): TestReply => {
  const jar = server.openSession(name);
  return { ...server.refresh(jar.refresh), cookies: jar };
};

test('whatever mutation an app or a feature has in the router auth travels alone, and its session is adopted', async () => {
  const { browser, tab, client } = await signedIn();
  tab.network.next(signsIn(browser, 'bob'), 'auth.verifyCode');
  const verified = await client.mutation('auth.verifyCode', '123456');
  expect(verified).toMatchObject({ accessToken: '', user: { username: 'bob' } });
  expect(tab.auth.getState()).toMatchObject({ status: 'authenticated', user: { username: 'bob' } });
});

test('a query of the router auth is a call like any other', async () => {
  const { tab, client } = await signedIn();
  expect(await client.query('auth.claims')).toBe('ada');
  expect(tab.network.sent('auth.claims')[0]?.init.method ?? 'GET').toBe('GET');
});

test('a mutation of the router auth that the gate refuses costs one refresh and one retry', async () => {
  const { browser, tab, client, paths } = await signedIn();
  browser.server.expireTokens();
  expect(await client.mutation('auth.confirm', { password: 'x' })).toBe('ada');
  expect(paths()).toEqual(['auth.refresh', 'auth.confirm', 'auth.refresh', 'auth.confirm']);
  expect(tab.network.sent('auth.confirm').map(({ accessToken }) => accessToken)).toEqual(['access-1', 'access-2']);
});

test('a second refusal of a mutation of the router auth is passed on', async () => {
  const { tab, client, paths } = await signedIn();
  for (let count = 0; count < 2; count += 1) tab.network.next(refusal('access_token_stale'), 'auth.confirm');
  expect(reasonOf(await ending(client.mutation('auth.confirm')))).toBe('access_token_stale');
  expect(paths()).toEqual(['auth.refresh', 'auth.confirm', 'auth.refresh', 'auth.confirm']);
});

test('a mutation of the router auth that waits for a token is dropped when the user changes', async () => {
  const { browser, tab, client } = await signedIn();
  browser.server.expireTokens();
  tab.network.next('hold', 'auth.refresh');
  const call = ending(client.mutation('auth.confirm'));
  await settle();
  await tab.auth.signIn(bob);
  expect(await call).toHaveProperty('cause', expect.any(IdentityChangedError));
  await settle();
  expect(tab.network.sent('auth.confirm')).toHaveLength(1);
});

test('a mutation of the router auth that waits behind a sign-in is not sent as who signs in', async () => {
  const { tab, client } = await signedIn();
  tab.network.next('hold', 'auth.login');
  const signIn = tab.auth.signIn(bob);
  const call = ending(client.mutation('auth.confirm'));
  await settle();
  tab.network.sent('auth.login')[0]?.deliver();
  await signIn;
  expect(await call).toHaveProperty('cause', expect.any(IdentityChangedError));
  expect(tab.network.sent('auth.confirm').map(({ accessToken }) => accessToken)).toEqual([undefined]);
});

test('a mutation of the router auth that signs in as somebody else on its second attempt is not dropped for it', async () => {
  const { browser, tab, client } = await signedIn();
  tab.network.next(refusal('access_token_stale'), 'auth.actAs');
  tab.network.next(() => signsIn(browser, 'bob'), 'auth.actAs');
  expect(await client.mutation('auth.actAs', 'bob')).toMatchObject({ user: { username: 'bob' } });
  expect(tab.auth.getState()).toMatchObject({ user: { username: 'bob' } });
});

test('a refused sign-in through the client keeps its reason, and is not retried', async () => {
  const tab = createTestBrowser().openTab();
  const error = await ending(clientOf(tab).mutation('auth.login', { username: 'wrong', password: 'x' }));
  expect(reasonOf(error)).toBe('invalid_credentials');
  expect(tab.network.log).toHaveLength(1);
});

test('a refresh through the client joins the shared one', async () => {
  const { tab, client } = await signedIn();
  tab.network.next(refusal('access_token_expired'), 'notes.list');
  await Promise.all([client.query('notes.list'), client.mutation('auth.refresh'), client.mutation('auth.refresh')]);
  expect(tab.network.sent('auth.refresh')).toHaveLength(2);
});

test('a refresh through the client with no session is the server’s to refuse', async () => {
  const tab = createTestBrowser().openTab();
  expect(reasonOf(await ending(clientOf(tab).mutation('auth.refresh')))).toBe('refresh_token_missing');
});

test('a refresh through the client after a sign-out that the server has not heard of resurrects nothing', async () => {
  const { tab, client } = await signedIn();
  tab.network.next('lose request', 'auth.logout');
  await tab.auth.signOut();
  const refreshes = tab.network.sent('auth.refresh').length;
  expect(isIdentityChanged(await ending(client.mutation('auth.refresh')))).toBe(true);
  expect(tab.network.sent('auth.refresh')).toHaveLength(refreshes);
  expect(tab.auth.getState()).toMatchObject({ status: 'anonymous', ended: { reason: 'signed_out' } });
});
