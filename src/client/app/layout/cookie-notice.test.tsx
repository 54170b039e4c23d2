// @vitest-environment happy-dom
import { screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ada } from '../testing/ada.ts';
import { renderApp } from '../testing/render-app.tsx';

const procedures = { 'notes.list': () => ({ notes: [], nextCursor: null }) };

beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => void vi.useRealTimers());

test('who signs in with a browser that keeps no cookies is told so, and what to do', async () => {
  await renderApp('/', { user: ada, procedures, keepsCookies: false });
  await vi.advanceTimersByTimeAsync(2_000);
  expect((await screen.findByRole('alert')).textContent).toMatch(/does not keep cookies.*Allow cookies.*sign in again/);
});

test('who has the cookies of the session is told nothing', async () => {
  await renderApp('/', { user: ada, procedures });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(screen.queryByText(/does not keep cookies/)).toBeNull();
});

test('who is not signed in needs none', async () => {
  await renderApp('/', { procedures, keepsCookies: false });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(screen.queryByText(/does not keep cookies/)).toBeNull();
});
