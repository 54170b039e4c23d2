// @vitest-environment happy-dom
import { screen, waitFor } from '@testing-library/react';
import { TRPCClientError } from '@trpc/client';
import { OfflineError, type SessionEnd } from 'latchkey/client';
import type { LoginInput, User } from 'latchkey/shared';
import { expect, test, vi } from 'vitest';
import { ada } from '../testing/ada.ts';
import { defer } from '../testing/deferred.ts';
import { failing, failure, refusal } from '../testing/refusal.ts';
import { renderApp } from '../testing/render-app.tsx';

const procedures = {
  'notes.list': () => ({ notes: [], nextCursor: null }),
  'sessions.list': () => [],
};

const createSignIn = () => vi.fn<(input: LoginInput) => Promise<User>>(async () => ada);

const fillAndSend = async ({ person }: Awaited<ReturnType<typeof renderApp>>): Promise<void> => {
  await person.type(screen.getByLabelText('Username or e-mail'), ' ada ');
  await person.type(screen.getByLabelText('Password'), ' correct horse ');
  await person.click(screen.getByRole('button', { name: 'Sign in' }));
};

test('signing in trims the username, leaves the password alone, and opens the notes', async () => {
  const signIn = createSignIn();
  const app = await renderApp('/sign-in', { signIn, procedures });
  await fillAndSend(app);
  expect(await screen.findByRole('heading', { name: 'Notes' })).toBeDefined();
  expect(signIn.mock.calls).toEqual([[{ username: 'ada', password: ' correct horse ' }]]);
});

test('empty fields are named, and the first one gets the focus', async () => {
  const signIn = createSignIn();
  const { person } = await renderApp('/sign-in', { signIn });
  await person.click(screen.getByRole('button', { name: 'Sign in' }));

  const username = screen.getByLabelText('Username or e-mail');
  await screen.findByText('Enter your username or e-mail.');
  expect(username.getAttribute('aria-invalid')).toBe('true');
  expect(document.getElementById(username.getAttribute('aria-describedby') ?? '')?.textContent).toBe(
    'Enter your username or e-mail.',
  );
  expect(screen.getByText('Enter your password.')).toBeDefined();
  expect(document.activeElement).toBe(username);
  expect(signIn).not.toHaveBeenCalled();
});

test.each([
  [refusal('invalid_credentials'), /not right\. Check both/],
  [refusal('rate_limited', { retryAfter: 42 }), 'Too many attempts. Wait 42 seconds, then try again.'],
  [refusal('unavailable'), /Nothing is lost/],
  [new OfflineError(), /server could not be reached/],
  [TRPCClientError.from(new TypeError('Failed to fetch')), /did not answer/],
  [new TypeError('crypto.randomUUID is not a function'), /in this page/],
  [failure('INTERNAL_SERVER_ERROR'), 'Reference: request-1'],
])('a refusal is told in an alert: %s', async (error, words) => {
  const app = await renderApp('/sign-in', { signIn: failing(error) });
  await fillAndSend(app);
  const alert = await screen.findByRole('alert');
  expect(alert.contains(screen.getByText(words))).toBe(true);
  expect(app.path()).toBe('/sign-in');
});

test('where an account is made by the mail, wrong words mention it to everybody', async () => {
  const methods = {
    password: true,
    passkeys: false,
    mail: true,
    emailVerification: true,
    secondFactor: 'off',
    providers: [],
  };
  const signIn = failing(refusal('invalid_credentials'));
  const app = await renderApp('/sign-in', { signIn, procedures: { 'auth.methods': () => methods } });
  await screen.findByRole('link', { name: 'Forgot your password?' });
  await fillAndSend(app);
  expect((await screen.findByRole('alert')).textContent).toMatch(/not right.*open the link in our mail first/);
});

test('while it is under way the form says so and is not sent twice', async () => {
  const answer = defer<User>();
  const signIn = vi.fn<() => Promise<User>>(() => answer.promise);
  const app = await renderApp('/sign-in', { signIn, procedures });
  await fillAndSend(app);

  const button = screen.getByRole('button', { name: 'Sign in' });
  await waitFor(() => expect(button.getAttribute('aria-busy')).toBe('true'));
  await app.person.click(button);
  await app.person.type(screen.getByLabelText('Password'), '{Enter}');
  expect(signIn).toHaveBeenCalledTimes(1);

  answer.resolve(ada);
  await screen.findByRole('heading', { name: 'Notes' });
});

test('the characters of a password can be shown', async () => {
  const { person } = await renderApp('/sign-in');
  const password = screen.getByLabelText('Password');
  expect(password.getAttribute('type')).toBe('password');
  await person.click(screen.getByRole('button', { name: 'Show characters' }));
  expect(password.getAttribute('type')).toBe('text');
});

test('who came for a page gets there after signing in', async () => {
  const app = await renderApp('/account/sessions', { signIn: createSignIn(), procedures });
  await screen.findByLabelText('Password');
  expect(app.router.state.location.search).toEqual({ next: '/account/sessions' });
  await fillAndSend(app);
  await screen.findByRole('heading', { name: 'Sessions' });
  expect(app.path()).toBe('/account/sessions');
});

test.each(['//evil.example', 'https://evil.example', '/\\evil.example', '/.//evil.example', '/sign-in'])(
  'a next page of another origin is refused: %s',
  async (next) => {
    const app = await renderApp(`/sign-in?next=${encodeURIComponent(next)}`, { signIn: createSignIn(), procedures });
    await fillAndSend(app);
    await screen.findByRole('heading', { name: 'Notes' });
    expect(app.path()).toBe('/');
  },
);

test('who is signed in is sent on from the form', async () => {
  const app = await renderApp('/sign-in?next=%2Faccount%2Fsessions', { user: ada, procedures });
  await screen.findByRole('heading', { name: 'Sessions' });
  expect(app.path()).toBe('/account/sessions');
});

test.each<[SessionEnd, RegExp]>([
  [{ reason: 'session_expired' }, /has expired/],
  [{ reason: 'session_revoked', cause: 'logout' }, /signed out in another tab/],
  [{ reason: 'session_revoked', cause: 'ended_by_user' }, /ended from another device/],
  [{ reason: 'session_revoked', cause: 'password_changed' }, /password was changed/],
  [{ reason: 'refresh_token_reused' }, /copy of this session was used elsewhere/],
])('a session that ended says why, and leads back: %j', async (ended, words) => {
  const app = await renderApp('/account/sessions', { user: ada, signIn: createSignIn(), procedures });
  await screen.findByRole('heading', { name: 'Sessions' });

  app.auth.set({ status: 'anonymous', offline: false, ended });
  expect((await screen.findByRole('alert')).textContent).toMatch(words);
  await fillAndSend(app);
  await screen.findByRole('heading', { name: 'Sessions' });
  expect(app.path()).toBe('/account/sessions');
});

test('a session that ended over the notes shows the form once, and does not stand in the way of the welcome', async () => {
  const app = await renderApp('/', { user: ada, procedures });
  await screen.findByRole('heading', { name: 'Notes' });
  app.auth.set({ status: 'anonymous', offline: false, ended: { reason: 'session_expired' } });
  await screen.findByLabelText('Password');
  await app.person.click(screen.getByRole('link', { name: 'Latchkey' }));
  await screen.findByRole('heading', { name: 'Notes behind your own door.' });
});

test('the reason of an ending gives way to the answer of the next attempt', async () => {
  const app = await renderApp('/sign-in', {
    state: { status: 'anonymous', offline: false, ended: { reason: 'session_expired' } },
    signIn: failing(refusal('invalid_credentials')),
  });
  expect(screen.getByRole('alert').textContent).toMatch(/has expired/);
  await fillAndSend(app);
  await waitFor(() => expect(screen.getByRole('alert').textContent).toMatch(/not right/));
});
