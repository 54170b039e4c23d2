// @vitest-environment happy-dom
import { screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { refusal } from '../testing/refusal.ts';
import { renderApp } from '../testing/render-app.tsx';

const send = async ({ person }: Awaited<ReturnType<typeof renderApp>>, email: string): Promise<void> => {
  await person.type(screen.getByLabelText('E-mail'), email);
  await person.click(screen.getByRole('button', { name: 'Send link' }));
};

test('the link is asked for once, and what is said tells nobody whether there is an account', async () => {
  const request = vi.fn<(input: unknown) => { ok: true }>(() => ({ ok: true }));
  const app = await renderApp('/forgot-password', { procedures: { 'auth.requestPasswordReset': request } });
  await send(app, ' ada@mail.example ');
  expect((await screen.findByRole('status')).textContent).toMatch(/^If an account has the address ada@mail\.example/);
  expect(request.mock.calls).toEqual([[{ email: 'ada@mail.example' }]]);
});

test('what is no address is not sent', async () => {
  const app = await renderApp('/forgot-password');
  await send(app, 'ada');
  await screen.findByText(/^Enter an e-mail/);
  expect(document.activeElement).toBe(screen.getByLabelText('E-mail'));
});

test.each([
  [refusal('rate_limited', { retryAfter: 30 }), /Wait 30 seconds/],
  [refusal('mail_unavailable'), /E-mail cannot be sent/],
  [refusal('unavailable'), /Nothing is lost/],
])('a refusal is told, and the address is kept: %s', async (error, words) => {
  const app = await renderApp('/forgot-password', {
    procedures: {
      'auth.requestPasswordReset': () => {
        throw error;
      },
    },
  });
  await send(app, 'ada@mail.example');
  expect((await screen.findByRole('alert')).textContent).toMatch(words);
  expect(screen.getByLabelText('E-mail')).toHaveProperty('value', 'ada@mail.example');
});

test.each([
  [true, 1],
  [false, 0],
])('where mail is on (%s) the sign-in has a link to it', async (mail, links) => {
  const methods = {
    password: true,
    passkeys: false,
    mail,
    emailVerification: false,
    secondFactor: 'off',
    providers: [],
  };
  const asked = vi.fn<() => typeof methods>(() => methods);
  const app = await renderApp('/sign-in', { procedures: { 'auth.methods': asked } });
  await vi.waitFor(() => expect(asked).toHaveBeenCalled());
  await app.person.click(screen.getByLabelText('Password'));
  expect(screen.queryAllByRole('link', { name: 'Forgot your password?' })).toHaveLength(links);
  if (!mail) return;
  await app.person.click(screen.getByRole('link', { name: 'Forgot your password?' }));
  await screen.findByRole('button', { name: 'Send link' });
});
