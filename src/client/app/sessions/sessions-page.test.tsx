// @vitest-environment happy-dom
import { screen, waitFor, within } from '@testing-library/react';
import type { SessionSummary } from 'latchkey/shared';
import { expect, test, vi } from 'vitest';
import { ada } from '../testing/ada.ts';
import { refusal } from '../testing/refusal.ts';
import { renderApp } from '../testing/render-app.tsx';

const session = (id: string, rest: Partial<SessionSummary> = {}): SessionSummary => ({
  id,
  current: false,
  createdAt: '2026-01-01T08:12:00.000Z',
  lastSeenAt: '2026-01-02T09:00:00.000Z',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  ip: '203.0.113.7',
  ...rest,
});

const createServer = () => {
  let sessions = [session('here', { current: true }), session('phone', { userAgent: null, ip: null }), session('work')];
  return {
    'sessions.list': () => sessions,
    'sessions.revoke': vi.fn<(input: unknown) => { ok: true }>(() => {
      sessions = sessions.filter(({ id }) => id !== 'phone');
      return { ok: true };
    }),
    'sessions.revokeOthers': () => {
      const revoked = sessions.length - 1;
      sessions = sessions.filter(({ current }) => current);
      return { revoked };
    },
  };
};

test('each session is an item that tells browser, system, times and address, and one is this device', async () => {
  await renderApp('/account/sessions', { user: ada, procedures: createServer() });
  const items = await screen.findAllByRole('listitem');
  expect(items).toHaveLength(3);

  const [here, phone] = items;
  expect(here?.textContent).toContain('Firefox on Linux');
  expect(here?.textContent).toContain('203.0.113.7');
  expect(here?.querySelectorAll('time')).toHaveLength(2);
  expect(screen.getAllByText('This device').map((mark) => here?.contains(mark))).toEqual([true]);
  expect(phone?.textContent).toContain('Unknown device');
});

test('a session that is ended leaves the list', async () => {
  const procedures = createServer();
  const { person } = await renderApp('/account/sessions', { user: ada, procedures });
  const [, phone] = await screen.findAllByRole('listitem');
  if (phone === undefined) throw new Error('There is no second session.');
  await person.click(within(phone).getByRole('button', { name: 'End session' }));
  await waitFor(() => expect(screen.getAllByRole('listitem')).toHaveLength(2));
  expect(procedures['sessions.revoke'].mock.calls).toEqual([[{ id: 'phone' }]]);
});

test('all others are ended at once, and the page says how many', async () => {
  const { person } = await renderApp('/account/sessions', { user: ada, procedures: createServer() });
  const button = await screen.findByRole('button', { name: 'End all other sessions' });
  await person.click(button);
  await waitFor(() => expect(screen.getAllByRole('listitem')).toHaveLength(1));
  expect(screen.getByRole('status').textContent).toBe('2 other sessions were ended.');
  expect(button.getAttribute('aria-disabled')).toBe('true');
});

test('to end the session in use is to sign out', async () => {
  const procedures = createServer();
  const app = await renderApp('/account/sessions', { user: ada, procedures });
  const [here] = await screen.findAllByRole('listitem');
  if (here === undefined) throw new Error('There is no session.');
  await app.person.click(within(here).getByRole('button', { name: 'End session' }));
  await screen.findByText('You are signed out.');
  expect(app.path()).toBe('/');
  expect(procedures['sessions.revoke']).not.toHaveBeenCalled();
});

test('a refusal is told at the session that it is about', async () => {
  const procedures = {
    ...createServer(),
    'sessions.revoke': () => {
      throw refusal('unavailable');
    },
  };
  const { person } = await renderApp('/account/sessions', { user: ada, procedures });
  const [, phone] = await screen.findAllByRole('listitem');
  if (phone === undefined) throw new Error('There is no second session.');
  await person.click(within(phone).getByRole('button', { name: 'End session' }));
  expect((await within(phone).findByRole('alert')).textContent).toMatch(/Nothing is lost/);
});
