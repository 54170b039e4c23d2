// @vitest-environment happy-dom
import { screen, waitFor } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { ada } from '../testing/ada.ts';
import { refusal } from '../testing/refusal.ts';
import { renderApp } from '../testing/render-app.tsx';

const LINK = { token: 'secret', username: 'ada' };
const createReset = () => vi.fn<(input: unknown) => { ok: true }>(() => ({ ok: true }));

const fillAndSend = async ({ person }: Awaited<ReturnType<typeof renderApp>>, password: string): Promise<void> => {
  await person.type(screen.getByLabelText('New password'), password);
  await person.click(screen.getByRole('button', { name: 'Set password' }));
};

test('the password is set with the token of the link, and nobody is signed in by it', async () => {
  const reset = createReset();
  const app = await renderApp('/reset-password', { mailedLink: LINK, procedures: { 'auth.resetPassword': reset } });
  expect(reset).not.toHaveBeenCalled();
  await fillAndSend(app, ' a few words ');
  expect((await screen.findByRole('status')).textContent).toMatch(/password is set/);
  expect(reset.mock.calls).toEqual([[{ token: 'secret', password: ' a few words ' }]]);
  expect(screen.queryByLabelText('New password')).toBeNull();
  await app.person.click(screen.getByRole('link', { name: 'Back to sign-in' }));
  await screen.findByLabelText('Username or e-mail');
});

test('password managers are told whose password it is', async () => {
  await renderApp('/reset-password', { mailedLink: LINK });
  const name = document.querySelector('input[autocomplete="username"]');
  expect(name).toHaveProperty('value', 'ada');
  expect(screen.getByLabelText('New password').getAttribute('autocomplete')).toBe('new-password');
});

test('without a link the code of the mail is asked for, and its white space forgiven', async () => {
  const reset = createReset();
  const app = await renderApp('/reset-password', { procedures: { 'auth.resetPassword': reset } });
  await fillAndSend(app, 'a few words');
  await screen.findByText('Paste the code from the mail.');
  await app.person.type(screen.getByLabelText('Code from the mail'), 'sec ret ');
  await app.person.click(screen.getByRole('button', { name: 'Set password' }));
  await screen.findByRole('status');
  expect(reset.mock.calls).toEqual([[{ token: 'secret', password: 'a few words' }]]);
});

test.each([
  [refusal('password_too_common'), 'New password', /too easy to guess/],
  [refusal('token_invalid'), undefined, /Ask for a new one/],
  [refusal('rate_limited', { retryAfter: 30 }), undefined, /Wait 30 seconds/],
])('what is refused is told, and the password kept: %#', async (error, label, words) => {
  const procedures = {
    'auth.resetPassword': () => {
      throw error;
    },
  };
  const app = await renderApp('/reset-password', { mailedLink: LINK, procedures });
  await fillAndSend(app, 'password1');
  expect((await screen.findByRole('alert')).textContent).toMatch(words);
  expect(screen.getByLabelText('New password')).toHaveProperty('value', 'password1');
  if (label !== undefined) expect(document.activeElement).toBe(screen.getByLabelText(label));
});

test('a link of another account says whose it is', async () => {
  await renderApp('/reset-password', { user: ada, mailedLink: { token: 'secret', username: 'grace' } });
  expect(screen.getByRole('status').textContent).toMatch(/account grace\. You are signed in as ada/);
});

test('a link of the account that is signed in says nothing of it', async () => {
  await renderApp('/reset-password', { user: ada, mailedLink: { token: 'secret', username: 'ADA@example.com' } });
  expect(screen.queryByRole('status')).toBeNull();
});

test('whose own session is signed in here finds it over at once, and is still told that the password is set', async () => {
  const claims = vi.fn<() => unknown>(() => {
    // As the client does with this answer.
    const ended = { reason: 'session_revoked', cause: 'password_changed' } as const;
    app.auth.set({ status: 'anonymous', offline: false, ended });
    throw refusal('session_revoked', { cause: 'password_changed' });
  });
  const procedures = { 'auth.resetPassword': createReset(), 'auth.claims': claims };
  const app = await renderApp('/reset-password', { user: ada, mailedLink: LINK, procedures });
  await fillAndSend(app, 'a few words');
  expect((await screen.findByRole('status')).textContent).toMatch(/password is set/);
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Sign out' })).toBeNull());
  expect(claims).toHaveBeenCalledTimes(1);
  expect(screen.getByRole('status').textContent).toMatch(/password is set/);
  expect(app.path()).toBe('/reset-password');
});

test('with nobody signed in nothing is asked after the password is set', async () => {
  const claims = vi.fn<() => unknown>();
  const procedures = { 'auth.resetPassword': createReset(), 'auth.claims': claims };
  await fillAndSend(await renderApp('/reset-password', { mailedLink: LINK, procedures }), 'a few words');
  await screen.findByRole('status');
  expect(claims).not.toHaveBeenCalled();
});
