// @vitest-environment happy-dom
import { act, screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { ada } from '../testing/ada.ts';
import { renderApp } from '../testing/render-app.tsx';

const procedures = { 'notes.list': () => ({ notes: [], nextCursor: null }), 'sessions.list': () => [] };
const displaced = { ...ada, email: null };

const notice = () => screen.queryByText(/account has no e-mail address/);

test.each(['/', '/account/sessions'])(
  'who signs in to an account without an address is told so on %s, and what it means',
  async (path) => {
    await renderApp(path, { user: displaced, procedures });
    const told = await screen.findByRole('status');
    expect(told.textContent).toMatch(/somebody else has confirmed it.*a forgotten password cannot be reset/);
  },
);

test('it leads to the profile, where it is not shown, and is there again on the way back', async () => {
  const app = await renderApp('/', { user: displaced, procedures });
  await app.person.click(await screen.findByRole('link', { name: 'Add an address' }));
  await screen.findByRole('heading', { name: 'Profile' });
  expect(app.path()).toBe('/account/profile');
  await waitFor(() => expect(notice()).toBeNull());
  await app.person.click(screen.getByRole('link', { name: 'Notes' }));
  await waitFor(() => expect(notice()).not.toBeNull());
});

test('it goes once there is an address, confirmed or not', async () => {
  const app = await renderApp('/', { user: displaced, procedures });
  await screen.findByRole('status');
  act(() => app.auth.set({ status: 'authenticated', offline: false, user: ada }));
  expect(notice()).toBeNull();
});

test('who has an address is told nothing', async () => {
  await renderApp('/', { user: ada, procedures });
  await screen.findByRole('heading', { name: 'Notes' });
  expect(notice()).toBeNull();
});

test('nor is a visitor', async () => {
  await renderApp('/', { procedures });
  await screen.findByRole('link', { name: 'Sign in' });
  expect(notice()).toBeNull();
});

test('nor is who is about to confirm one', async () => {
  await renderApp('/verify-email', { user: displaced, procedures });
  await screen.findByRole('button', { name: 'Confirm address' });
  expect(notice()).toBeNull();
});
