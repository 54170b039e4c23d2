// @vitest-environment happy-dom
import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { renderApp } from '../testing/render-app.tsx';

const LINK = 'https://app.example/reset-password#token=abc&username=ada';
const mails = [
  {
    id: 'one',
    kind: 'reset',
    to: 'ada@mail.example',
    at: '2026-01-01T12:00:00.000Z',
    subject: 'Choose a new password · Latchkey',
    text: `Choose a new password:\n${LINK}\n\nBye`,
    html: '',
  },
];

const answer = (): void => {
  vi.stubGlobal(
    'fetch',
    vi.fn<typeof fetch>().mockImplementation(async () => Response.json(mails)),
  );
};

test('the mailbox lists what was kept, and each mail shows its link as one', async () => {
  answer();
  await renderApp('/mailbox');
  const item = await screen.findByRole('listitem');
  expect(item.textContent).toContain('ada@mail.example');
  const subject = within(item).getByRole('link', { name: 'Choose a new password · Latchkey' });
  expect(subject.getAttribute('href')).toBe('/mailbox/one');
});

test('a mail is shown as a mail program shows its text', async () => {
  answer();
  await renderApp('/mailbox/one');
  const link = await screen.findByRole('link', { name: LINK });
  expect(link.getAttribute('href')).toBe(LINK);
  expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Choose a new password · Latchkey');
});
