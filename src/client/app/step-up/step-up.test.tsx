// @vitest-environment happy-dom
import { act, screen, waitFor } from '@testing-library/react';
import type { UserEvent } from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { ada } from '../testing/ada.ts';
import { defer } from '../testing/deferred.ts';
import { failing, refusal } from '../testing/refusal.ts';
import { renderApp } from '../testing/render-app.tsx';

const procedures = { 'sessions.list': () => [] };

/** The page, a call that waits, and what becomes of it. */
const asked = async (reauthenticate: (input: unknown) => unknown = () => ({ ok: true })) => {
  const app = await renderApp('/account/sessions', { user: ada, procedures, reauthenticate });
  const button = await screen.findByRole('button', { name: 'Sign out' });
  button.focus();
  const outcome = vi.fn<(outcome: 'proven' | 'refused') => void>();
  act(() => {
    void app.auth.ask().then(
      () => outcome('proven'),
      () => outcome('refused'),
    );
  });
  await screen.findByRole('dialog', { name: 'Confirm it is you' });
  return { ...app, button, outcome };
};

const gone = () => waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());

test('the dialog asks for the password, with the name that signs in beside it, and the page waits behind it', async () => {
  const { button } = await asked();
  const password = screen.getByLabelText('Password');
  expect(document.activeElement).toBe(password);
  expect(password.getAttribute('autocomplete')).toBe('current-password');
  const name = document.querySelector('dialog input[autocomplete="username"]');
  expect(name?.getAttribute('value')).toBe(ada.username);
  expect(button.closest('[inert]')).not.toBeNull();
  expect(screen.getByRole('dialog').closest('[inert]')).toBeNull();
});

test('a right password closes it, what waits goes on, and the focus is where it was', async () => {
  const reauthenticate = vi.fn<(input: unknown) => unknown>(() => ({ ok: true }));
  const { person, outcome, button } = await asked(reauthenticate);
  await person.type(screen.getByLabelText('Password'), 'correct horse{Enter}');
  await gone();
  expect(reauthenticate).toHaveBeenCalledExactlyOnceWith({ password: 'correct horse' });
  expect(outcome).toHaveBeenCalledExactlyOnceWith('proven');
  expect(button.closest('[inert]')).toBeNull();
  await waitFor(() => expect(document.activeElement).toBe(button));
});

test('a wrong password is said at its field, and the next one is as good as the first', async () => {
  const reauthenticate = vi
    .fn<(input: unknown) => unknown>()
    .mockImplementationOnce(failing(refusal('invalid_credentials')))
    .mockImplementationOnce(failing(refusal('rate_limited', { retryAfter: 60 })))
    .mockImplementationOnce(() => ({ ok: true }));
  const { person, outcome } = await asked(reauthenticate);
  const password = screen.getByLabelText('Password');
  await person.type(password, 'wrong{Enter}');
  expect((await screen.findByRole('alert')).textContent).toMatch(/not your password/);
  await waitFor(() => expect(document.activeElement).toBe(password));
  await person.type(password, '!{Enter}');
  await waitFor(() => expect(screen.getByRole('alert').textContent).toMatch(/Wait 60 seconds/));
  expect(outcome).not.toHaveBeenCalled();
  await person.type(password, '!{Enter}');
  await gone();
  expect(outcome).toHaveBeenCalledExactlyOnceWith('proven');
});

test('an empty one is sent to nobody, and a pending one is not sent twice', async () => {
  const answer = defer<unknown>();
  const reauthenticate = vi.fn<(input: unknown) => unknown>(() => answer.promise);
  const { person } = await asked(reauthenticate);
  const confirm = screen.getByRole('button', { name: 'Confirm' });
  await person.click(confirm);
  await screen.findByText('Enter your password.');
  expect(reauthenticate).not.toHaveBeenCalled();
  await person.type(screen.getByLabelText('Password'), 'correct horse{Enter}');
  await person.click(confirm);
  expect(reauthenticate).toHaveBeenCalledTimes(1);
  answer.resolve({ ok: true });
  await gone();
});

test.each([
  ['Cancel', (person: UserEvent) => person.click(screen.getByRole('button', { name: 'Cancel' }))],
  ['Escape', (person: UserEvent) => person.keyboard('{Escape}')],
])('%s closes it, and the call is refused', async (_, close) => {
  const { person, outcome, button } = await asked();
  await close(person);
  await gone();
  expect(outcome).toHaveBeenCalledExactlyOnceWith('refused');
  await waitFor(() => expect(document.activeElement).toBe(button));
});

test('a press beside it closes nothing', async () => {
  const { person, outcome } = await asked();
  const backdrop = screen.getByRole('dialog').parentElement;
  if (backdrop) await person.click(backdrop);
  expect(screen.queryByRole('dialog')).not.toBeNull();
  expect(outcome).not.toHaveBeenCalled();
});

test('a page that comes back from the back-forward cache asks no longer', async () => {
  const { outcome } = await asked();
  act(() => void window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false })));
  expect(screen.queryByRole('dialog')).not.toBeNull();
  act(() => void window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true })));
  await gone();
  expect(outcome).toHaveBeenCalledExactlyOnceWith('refused');
});
