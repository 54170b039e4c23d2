// @vitest-environment happy-dom
import { screen, waitFor } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { ada } from '../testing/ada.ts';
import { refusal, refusedFields } from '../testing/refusal.ts';
import { renderApp } from '../testing/render-app.tsx';

const LINK = { token: 'secret', username: 'ada' };
const confirmed = () => vi.fn<(input: unknown) => { ok: true }>(() => ({ ok: true }));

/** Answers each call by the next of these. */
const inTurn = (...answers: (() => unknown)[]) =>
  vi.fn<(input: unknown) => unknown>(() => {
    const [answer] = answers.splice(0, 1);
    return answer?.();
  });
const refusing = (error: Error) => (): never => {
  throw error;
};

const press = async ({ person }: Awaited<ReturnType<typeof renderApp>>): Promise<void> =>
  person.click(screen.getByRole('button', { name: 'Confirm address' }));

test('within the account’s own session one press confirms, and the page learns of it', async () => {
  const verify = confirmed();
  const me = vi.fn<() => typeof ada>(() => ada);
  const procedures = { 'auth.verifyEmail': verify, 'user.me': me };
  const app = await renderApp('/verify-email', { user: ada, mailedLink: LINK, procedures });
  expect(screen.queryByLabelText('Password')).toBeNull();
  expect(verify).not.toHaveBeenCalled();
  await press(app);
  expect((await screen.findByRole('status')).textContent).toBe('Your address is confirmed.');
  expect(verify.mock.calls).toEqual([[{ token: 'secret' }]]);
  expect(me).toHaveBeenCalledTimes(1);
});

test('elsewhere the account’s password is asked for', async () => {
  const verify = confirmed();
  const app = await renderApp('/verify-email', { mailedLink: LINK, procedures: { 'auth.verifyEmail': verify } });
  await app.person.type(screen.getByLabelText('Password'), 'correct horse');
  await press(app);
  expect((await screen.findByRole('status')).textContent).toMatch(/Sign in to continue/);
  expect(verify.mock.calls).toEqual([[{ token: 'secret', password: 'correct horse' }]]);
});

test('in the session of somebody else it says whose link it is, and asks for that account’s password', async () => {
  await renderApp('/verify-email', { user: ada, mailedLink: { token: 'secret', username: 'grace' } });
  expect(screen.getByRole('status').textContent).toMatch(/account grace/);
  expect(screen.getByLabelText('Password')).toBeDefined();
});

test('a link that does not say whose it is asks for the password when the server does', async () => {
  const verify = inTurn(refusing(refusedFields({ password: ['Enter your password.'] })), () => ({ ok: true }));
  const procedures = { 'auth.verifyEmail': verify, 'user.me': () => ada };
  const app = await renderApp('/verify-email', { user: ada, mailedLink: { token: 'x', username: null }, procedures });
  await press(app);
  const password = await screen.findByLabelText('Password');
  await waitFor(() => expect(document.activeElement).toBe(password));
  await app.person.type(password, 'correct horse');
  await press(app);
  await screen.findByText('Your address is confirmed.');
});

test('a username that was taken meanwhile is chosen anew, and nothing else is typed again', async () => {
  const verify = inTurn(refusing(refusal('username_taken')), () => ({ ok: true }));
  const app = await renderApp('/verify-email', { mailedLink: LINK, procedures: { 'auth.verifyEmail': verify } });
  await app.person.type(screen.getByLabelText('Password'), 'correct horse');
  await press(app);
  expect((await screen.findByRole('alert')).textContent).toMatch(/is taken/);
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('Username')));
  await app.person.type(screen.getByLabelText('Username'), 'ada2');
  await press(app);
  await screen.findByRole('status');
  expect(verify.mock.lastCall).toEqual([{ token: 'secret', password: 'correct horse', username: 'ada2' }]);
});

test.each([
  [refusal('invalid_credentials'), 'Password', /not the password/],
  [refusal('token_invalid'), undefined, /Ask for a new one/],
  [refusal('email_taken'), undefined, /An account with this e-mail/],
])('what is refused is told, and the password kept: %#', async (error, label, words) => {
  const procedures = { 'auth.verifyEmail': refusing(error) };
  const app = await renderApp('/verify-email', { mailedLink: LINK, procedures });
  await app.person.type(screen.getByLabelText('Password'), 'correct horse');
  await press(app);
  expect((await screen.findByRole('alert')).textContent).toMatch(words);
  expect(screen.getByLabelText('Password')).toHaveProperty('value', 'correct horse');
  if (label !== undefined) expect(document.activeElement).toBe(screen.getByLabelText(label));
});
