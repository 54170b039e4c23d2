// @vitest-environment happy-dom
import { screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { ada } from '../testing/ada.ts';
import { renderApp } from '../testing/render-app.tsx';

const procedures = { 'notes.list': () => ({ notes: [], nextCursor: null }), 'sessions.list': () => [] };

test.each(['/', '/sign-in', '/account/sessions'])(
  'while it is restored neither the form nor a page of %s flashes by',
  async (path) => {
    const app = await renderApp(path, { state: { status: 'restoring', offline: false }, procedures });
    expect(document.querySelector('main [aria-busy="true"]')).not.toBeNull();
    expect(screen.queryByRole('textbox')).toBeNull();
    expect(screen.queryByRole('link', { name: 'Sign in' })).toBeNull();
    expect(screen.queryByRole('button', { name: 'Sign out' })).toBeNull();
    expect(app.path()).toBe(path);
  },
);

test('a restored session shows the page that was asked for', async () => {
  const app = await renderApp('/account/sessions', { state: { status: 'restoring', offline: false }, procedures });
  app.auth.set({ status: 'authenticated', offline: false, user: ada });
  await screen.findByRole('heading', { name: 'Sessions' });
  expect(app.path()).toBe('/account/sessions');
});

test('everywhere a signed-in user finds their name and the way out, which leads to the welcome', async () => {
  const app = await renderApp('/account/sessions', { user: ada, procedures });
  expect(await screen.findByText('ada')).toBeDefined();
  await app.person.click(screen.getByRole('button', { name: 'Sign out' }));
  await screen.findByRole('heading', { name: 'Notes behind your own door.' });
  expect(app.path()).toBe('/');
  expect(screen.getByRole('status').textContent).toBe('You are signed out.');
  expect(app.queryClient.getQueryCache().getAll()).toEqual([]);
});

test('who is offline is told so and stays on the page', async () => {
  const app = await renderApp('/', { user: ada, procedures });
  await screen.findByRole('heading', { name: 'Notes' });
  app.auth.set({ status: 'authenticated', offline: true, user: ada });
  expect((await screen.findByRole('status')).textContent).toMatch(/cannot be reached\. You stay signed in/);
  expect(screen.getByRole('heading', { name: 'Notes' })).toBeDefined();
});

// With two session cookies the server answers, and nothing but this helps.
test('who waits for a session that cannot be restored is told what to do if it takes long', async () => {
  await renderApp('/', { state: { status: 'restoring', offline: true }, procedures });
  expect((await screen.findByRole('status')).textContent).toMatch(/clear the cookies of this site/);
});

test('after a navigation the focus is on the heading, and the title names the page', async () => {
  const { person } = await renderApp('/', { user: ada, procedures });
  await screen.findByRole('heading', { name: 'Notes' });
  expect(document.activeElement).toBe(document.body);

  await person.click(screen.getByRole('link', { name: 'Sessions' }));
  const heading = await screen.findByRole('heading', { name: 'Sessions' });
  await waitFor(() => expect(document.activeElement).toBe(heading));
  expect(document.title).toBe('Sessions · Latchkey');
});

test('an unknown address has a page of its own', async () => {
  await renderApp('/nowhere');
  expect(await screen.findByRole('heading', { name: 'No page behind this door' })).toBeDefined();
});
