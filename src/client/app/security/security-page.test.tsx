// @vitest-environment happy-dom
import { screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { ada } from '../testing/ada.ts';
import { failing, refusal } from '../testing/refusal.ts';
import { renderApp } from '../testing/render-app.tsx';

const factors = (hasPassword: boolean) => ({
  'factors.list': () => ({
    totp: [],
    passkeys: [],
    passkeyUserHandle: null,
    recoveryCodesLeft: 0,
    trustedBrowsers: 0,
    identities: [],
    hasPassword,
  }),
});

const createChange = () => vi.fn<(input: unknown) => unknown>(() => ({ accessToken: '', expiresIn: 900, user: ada }));

const fillAndSend = async ({ person }: Awaited<ReturnType<typeof renderApp>>): Promise<void> => {
  await person.type(await screen.findByLabelText('Current password'), 'old horse');
  await person.type(screen.getByLabelText('New password'), 'a few new words');
  await person.click(screen.getByRole('button', { name: 'Change password' }));
};

test('the password is changed, the fields are emptied, and the page says what it did', async () => {
  const change = createChange();
  const procedures = { ...factors(true), 'auth.changePassword': change };
  const app = await renderApp('/account/security', { user: ada, procedures });
  await fillAndSend(app);
  expect((await screen.findByRole('status')).textContent).toMatch(/signed out on all other devices/);
  expect(change.mock.calls).toEqual([[{ currentPassword: 'old horse', newPassword: 'a few new words' }]]);
  expect(screen.getByLabelText('Current password')).toHaveProperty('value', '');
  expect(screen.getByLabelText('New password')).toHaveProperty('value', '');
});

test('where there is none yet, one is set', async () => {
  const change = createChange();
  const procedures = { ...factors(false), 'auth.changePassword': change };
  const { person } = await renderApp('/account/security', { user: ada, procedures });
  await person.type(await screen.findByLabelText('New password'), 'a few new words');
  expect(screen.queryByLabelText('Current password')).toBeNull();
  await person.click(screen.getByRole('button', { name: 'Set password' }));
  await screen.findByRole('status');
  expect(change.mock.calls).toEqual([[{ newPassword: 'a few new words' }]]);
});

test('password managers are told the name and which password is which', async () => {
  await renderApp('/account/security', { user: ada, procedures: factors(true) });
  expect((await screen.findByLabelText('Current password')).getAttribute('autocomplete')).toBe('current-password');
  expect(screen.getByLabelText('New password').getAttribute('autocomplete')).toBe('new-password');
  expect(document.querySelector('input[autocomplete="username"]')).toHaveProperty('value', 'ada');
});

test.each([
  [refusal('invalid_credentials'), 'Current password', /not your current password/],
  [refusal('password_too_common'), 'New password', /too easy to guess/],
  [refusal('reauthentication_required'), undefined, /confirm/i],
  [refusal('rate_limited', { retryAfter: 60 }), undefined, /Wait 60 seconds/],
])('what is refused is told where it belongs, and what was typed is kept: %#', async (error, label, words) => {
  const procedures = { ...factors(true), 'auth.changePassword': failing(error) };
  await fillAndSend(await renderApp('/account/security', { user: ada, procedures }));
  expect((await screen.findByRole('alert')).textContent).toMatch(words);
  expect(screen.getByLabelText('Current password')).toHaveProperty('value', 'old horse');
  expect(screen.getByLabelText('New password')).toHaveProperty('value', 'a few new words');
  if (label !== undefined) expect(document.activeElement).toBe(screen.getByLabelText(label));
});

test('empty fields are named before anything is sent', async () => {
  const change = createChange();
  const procedures = { ...factors(true), 'auth.changePassword': change };
  const { person } = await renderApp('/account/security', { user: ada, procedures });
  await person.click(await screen.findByRole('button', { name: 'Change password' }));
  await screen.findByText('Enter your current password.');
  expect(change).not.toHaveBeenCalled();
});

test('what cannot be read is told, and tried again on demand', async () => {
  let isAway = true;
  const procedures = {
    'factors.list': () => {
      if (isAway) throw refusal('role_required');
      return factors(true)['factors.list']();
    },
  };
  const { person } = await renderApp('/account/security', { user: ada, procedures });
  await screen.findByRole('alert');
  isAway = false;
  await person.click(screen.getByRole('button', { name: 'Try again' }));
  await screen.findByLabelText('Current password');
});
