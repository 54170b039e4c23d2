// @vitest-environment happy-dom
import { screen, waitFor } from '@testing-library/react';
import type { EventSummary, EventsPage } from 'latchkey/shared';
import { expect, test } from 'vitest';
import { ada } from '../testing/ada.ts';
import { refusal } from '../testing/refusal.ts';
import { renderApp } from '../testing/render-app.tsx';

const happened = (id: string, rest: Partial<EventSummary> = {}): EventSummary => ({
  id,
  at: '2026-01-02T09:00:00.000Z',
  event: 'login',
  outcome: 'succeeded',
  ip: '203.0.113.7',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  sessionId: 'session',
  detail: {},
  ...rest,
});

const open = (list: (input: unknown) => EventsPage | Promise<EventsPage>) =>
  renderApp('/account/activity', { user: ada, procedures: { 'events.list': list } });

test('each event is an item that says what happened, when, with what and from where', async () => {
  await open(() => ({
    events: [
      happened('1', { event: 'role.granted', ip: null, userAgent: null, detail: { role: 'admin' } }),
      happened('2', { outcome: 'refused', detail: { reason: 'invalid_credentials' } }),
      happened('3', { event: 'session.ended', detail: { cause: 'replaced' } }),
      happened('4', { event: 'comet.seen_again' }),
    ],
    nextCursor: null,
  }));
  const items = await screen.findAllByRole('listitem');
  expect(items.map((item) => item.querySelector('p')?.textContent)).toEqual([
    'You were given the role admin',
    'A sign-in was refused',
    'A newer sign-in in the same browser ended a session',
    'Comet seen again',
  ]);
  expect(items[1]?.textContent).toContain('with Firefox on Linux from 203.0.113.7');
  expect(items[1]?.querySelector('time')?.dateTime).toBe('2026-01-02T09:00:00.000Z');
  expect(items[0]?.textContent).not.toContain('from');
  expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull();
});

test('“Show more” brings the next page, and goes with the last one', async () => {
  const { person } = await open((input) =>
    typeof input === 'object' && input !== null && 'cursor' in input && input.cursor === 'second'
      ? { events: [happened('3')], nextCursor: null }
      : { events: [happened('1'), happened('2')], nextCursor: 'second' },
  );
  await person.click(await screen.findByRole('button', { name: 'Show more' }));
  await waitFor(() => expect(screen.getAllByRole('listitem')).toHaveLength(3));
  expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull();
});

test('where nothing has happened the page says so', async () => {
  await open(() => ({ events: [], nextCursor: null }));
  await screen.findByText('Nothing has happened yet.');
});

test('a failure is told, and can be tried again', async () => {
  let isDown = true;
  const { person } = await open(() => {
    if (isDown) throw refusal('unavailable');
    return { events: [happened('1')], nextCursor: null };
  });
  await screen.findByRole('alert');
  isDown = false;
  await person.click(screen.getByRole('button', { name: 'Try again' }));
  await screen.findByRole('listitem');
  expect(screen.queryByRole('alert')).toBeNull();
});

test('the navigation leads there', async () => {
  const { person, path } = await renderApp('/account/sessions', {
    user: ada,
    procedures: { 'sessions.list': () => [], 'events.list': () => ({ events: [], nextCursor: null }) },
  });
  await person.click(await screen.findByRole('link', { name: 'Activity' }));
  await screen.findByRole('heading', { name: 'Activity' });
  expect(path()).toBe('/account/activity');
});
