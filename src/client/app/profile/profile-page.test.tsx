// @vitest-environment happy-dom
import { screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { ada } from '../testing/ada.ts';
import { failing, refusal } from '../testing/refusal.ts';
import { renderApp } from '../testing/render-app.tsx';

const ok = () => vi.fn<(input: unknown) => { ok: true }>(() => ({ ok: true }));

const typeEmail = async ({ person }: Awaited<ReturnType<typeof renderApp>>, email: string): Promise<void> => {
  await person.type(screen.getByLabelText('New e-mail'), email);
  await person.click(screen.getByRole('button', { name: 'Change e-mail' }));
};

test('an address that is not confirmed is marked, and its mail can be had again', async () => {
  const resend = ok();
  const { person } = await renderApp('/account/profile', {
    user: ada,
    procedures: { 'user.resendVerification': resend },
  });
  expect(screen.getByText('Not confirmed')).toBeDefined();
  await person.click(screen.getByRole('button', { name: 'Send confirmation again' }));
  expect((await screen.findByRole('status')).textContent).toMatch(/on its way to ada@example\.com/);
  expect(resend).toHaveBeenCalledTimes(1);
});

test('one that is confirmed asks for nothing', async () => {
  await renderApp('/account/profile', { user: { ...ada, emailVerified: true } });
  expect(screen.getByText('Confirmed')).toBeDefined();
  expect(screen.queryByRole('button', { name: 'Send confirmation again' })).toBeNull();
});

test('an account without an address can have one', async () => {
  const change = ok();
  const procedures = { 'user.changeEmail': change };
  const app = await renderApp('/account/profile', { user: { ...ada, email: null }, procedures });
  expect(screen.getByText(/has no address/)).toBeDefined();
  await typeEmail(app, 'ada@mail.example');
  await screen.findByRole('status');
});

test('another address changes when it is confirmed, and the page says so', async () => {
  const change = ok();
  const app = await renderApp('/account/profile', { user: ada, procedures: { 'user.changeEmail': change } });
  await typeEmail(app, 'ada@new.example');
  expect((await screen.findByRole('status')).textContent).toMatch(/way to ada@new\.example.*once you open it/);
  expect(change.mock.calls).toEqual([[{ email: 'ada@new.example' }]]);
  expect(screen.getByLabelText('New e-mail')).toHaveProperty('value', '');
});

test.each([
  [refusal('mail_unavailable'), /E-mail cannot be sent/],
  [refusal('reauthentication_required'), /confirm/i],
  [refusal('unavailable'), /Nothing is lost/],
])('what is refused is told, and what was typed is kept: %#', async (error, words) => {
  const procedures = { 'user.changeEmail': failing(error) };
  const app = await renderApp('/account/profile', { user: ada, procedures });
  await typeEmail(app, 'ada@new.example');
  expect((await screen.findByRole('alert')).textContent).toMatch(words);
  expect(screen.getByLabelText('New e-mail')).toHaveProperty('value', 'ada@new.example');
});
