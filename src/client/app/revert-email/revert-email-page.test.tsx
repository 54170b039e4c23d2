// @vitest-environment happy-dom
import { screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { refusal } from '../testing/refusal.ts';
import { renderApp } from '../testing/render-app.tsx';

const LINK = { token: 'secret', username: 'ada' };
const createRevert = () => vi.fn<(input: unknown) => { ok: true }>(() => ({ ok: true }));

test.each([
  ['correct horse', { token: 'secret', password: 'correct horse' }],
  ['', { token: 'secret' }],
])('the address is taken back by a press, with the password from before: "%s"', async (password, input) => {
  const revert = createRevert();
  const app = await renderApp('/revert-email', { mailedLink: LINK, procedures: { 'auth.revertEmail': revert } });
  if (password !== '') await app.person.type(screen.getByLabelText('Password'), password);
  expect(revert).not.toHaveBeenCalled();
  await app.person.click(screen.getByRole('button', { name: 'Take address back' }));
  expect((await screen.findByRole('status')).textContent).toMatch(/address is back/);
  expect(revert.mock.calls).toEqual([[input]]);
});

test.each([
  [refusal('invalid_credentials'), /from before the change/],
  [refusal('token_invalid'), /Ask for a new one/],
])('what is refused is told: %#', async (error, words) => {
  const procedures = {
    'auth.revertEmail': () => {
      throw error;
    },
  };
  const app = await renderApp('/revert-email', { mailedLink: LINK, procedures });
  await app.person.type(screen.getByLabelText('Password'), 'wrong horse');
  await app.person.click(screen.getByRole('button', { name: 'Take address back' }));
  expect((await screen.findByRole('alert')).textContent).toMatch(words);
  expect(screen.getByLabelText('Password')).toHaveProperty('value', 'wrong horse');
});
