// @vitest-environment happy-dom
import { screen } from '@testing-library/react';
import { NextStepError } from 'latchkey/client';
import type { RegisterByEmailInput, RegisterInput, User } from 'latchkey/shared';
import { expect, test, vi } from 'vitest';
import { ada } from '../testing/ada.ts';
import { failing, refusal, refusedFields } from '../testing/refusal.ts';
import { renderApp } from '../testing/render-app.tsx';

const procedures = { 'notes.list': () => ({ notes: [], nextCursor: null }) };

const fillAndSend = async ({ person }: Awaited<ReturnType<typeof renderApp>>): Promise<void> => {
  await person.type(screen.getByLabelText('Username'), 'ada');
  await person.type(screen.getByLabelText('E-mail'), 'ada@example.com');
  await person.type(screen.getByLabelText('Password'), 'correct horse battery');
  await person.click(screen.getByRole('button', { name: 'Create account' }));
};

const problemOf = (field: HTMLElement): string | null | undefined =>
  document.getElementById(field.getAttribute('aria-describedby') ?? '')?.textContent;

test('a new account is signed in and sees its notes', async () => {
  const signUp = vi.fn<(input: RegisterInput | RegisterByEmailInput) => Promise<User>>(async () => ada);
  const app = await renderApp('/sign-up', { signUp, procedures });
  await fillAndSend(app);
  await screen.findByRole('heading', { name: 'Notes' });
  expect(signUp.mock.calls).toEqual([
    [{ username: 'ada', email: 'ada@example.com', password: 'correct horse battery' }],
  ]);
});

test('each field says what is wrong with it before anything is sent', async () => {
  const signUp = vi.fn<(input: RegisterInput | RegisterByEmailInput) => Promise<User>>();
  const { person } = await renderApp('/sign-up', { signUp });
  await person.type(screen.getByLabelText('Username'), 'a b c');
  await person.type(screen.getByLabelText('E-mail'), 'ada');
  await person.type(screen.getByLabelText('Password'), 'short');
  await person.click(screen.getByRole('button', { name: 'Create account' }));

  await screen.findByText('Use at least 8 characters.');
  expect(problemOf(screen.getByLabelText('Username'))).toMatch(/^Use letters, digits/);
  expect(problemOf(screen.getByLabelText('E-mail'))).toMatch(/^Enter an e-mail/);
  expect(problemOf(screen.getByLabelText('Password'))).toBe('Use at least 8 characters.');
  expect(document.activeElement).toBe(screen.getByLabelText('Username'));
  expect(signUp).not.toHaveBeenCalled();
});

test.each([
  [refusal('username_taken'), 'Username', /is taken/],
  [refusal('email_taken'), 'E-mail', /An account with this e-mail/],
  [refusal('password_too_common'), 'Password', /too easy to guess/],
  [refusedFields({ username: ['Not this one.'] }), 'Username', /Not this one/],
])('what the server has against a field stands at the field, in an alert: %#', async (error, label, words) => {
  const app = await renderApp('/sign-up', { signUp: failing(error) });
  await fillAndSend(app);
  expect((await screen.findByRole('alert')).textContent).toMatch(words);

  const field = screen.getByLabelText(label);
  expect(problemOf(field)).toMatch(words);
  expect(field.getAttribute('aria-invalid')).toBe('true');
  expect(document.activeElement).toBe(field);
});

test('where the account is made by the mail, the page says what to do, and the form can be had again', async () => {
  const app = await renderApp('/sign-up', { signUp: failing(new NextStepError({ next: 'verify_email' })) });
  await fillAndSend(app);
  const heading = await screen.findByRole('heading', { name: 'Check your e-mail' });
  expect(document.activeElement).toBe(heading);
  expect(screen.getByText('ada@example.com')).toBeDefined();
  await app.person.click(screen.getByRole('button', { name: 'Use another address' }));
  expect(screen.getByLabelText('Username')).toBeDefined();
});

test('the next page goes along to the other form', async () => {
  const app = await renderApp('/sign-up?next=%2Faccount%2Fsessions');
  await app.person.click(screen.getByRole('link', { name: 'Sign in' }));
  await screen.findByLabelText('Username or e-mail');
  expect(app.router.state.location.search).toEqual({ next: '/account/sessions' });
});
