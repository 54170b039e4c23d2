// @vitest-environment happy-dom
import { act, screen, waitFor, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { ada } from '../testing/ada.ts';
import { failing, refusal } from '../testing/refusal.ts';
import { renderApp } from '../testing/render-app.tsx';

const ok = () => vi.fn<(input: unknown) => { ok: true }>(() => ({ ok: true }));
const home = { 'notes.list': () => ({ notes: [], nextCursor: null }) };

const typeEmail = async ({ person }: Awaited<ReturnType<typeof renderApp>>, email: string): Promise<void> => {
  await person.type(screen.getByLabelText('New e-mail'), email);
  await person.click(screen.getByRole('button', { name: 'Change e-mail' }));
};

test('an address that is not confirmed is marked, and its mail can be had again', async () => {
  const resend = ok();
  const { person } = await renderApp('/account/profile', {
    user: ada,
    procedures: { 'user.resendVerification': resend },
  });
  expect(screen.getByText('Not confirmed')).toBeDefined();
  await person.click(screen.getByRole('button', { name: 'Send confirmation again' }));
  expect((await screen.findByRole('status')).textContent).toMatch(/on its way to ada@example\.com/);
  expect(resend).toHaveBeenCalledTimes(1);
});

test('one that is confirmed asks for nothing', async () => {
  await renderApp('/account/profile', { user: { ...ada, emailVerified: true } });
  expect(screen.getByText('Confirmed')).toBeDefined();
  expect(screen.queryByRole('button', { name: 'Send confirmation again' })).toBeNull();
});

test('an account without an address can have one', async () => {
  const change = ok();
  const procedures = { 'user.changeEmail': change };
  const app = await renderApp('/account/profile', { user: { ...ada, email: null }, procedures });
  expect(screen.getByText(/has no address/)).toBeDefined();
  await typeEmail(app, 'ada@mail.example');
  await screen.findByRole('status');
});

test('another address changes when it is confirmed, and the page says so', async () => {
  const change = ok();
  const app = await renderApp('/account/profile', { user: ada, procedures: { 'user.changeEmail': change } });
  await typeEmail(app, 'ada@new.example');
  expect((await screen.findByRole('status')).textContent).toMatch(/way to ada@new\.example.*once you open it/);
  expect(change.mock.calls).toEqual([[{ email: 'ada@new.example' }]]);
  expect(screen.getByLabelText('New e-mail')).toHaveProperty('value', '');
});

test('asking for the address that one has takes a change back, and no mail is promised', async () => {
  const user = { ...ada, emailVerified: true };
  const app = await renderApp('/account/profile', { user, procedures: { 'user.changeEmail': ok() } });
  await typeEmail(app, 'ADA@example.com');
  expect((await screen.findByRole('status')).textContent).toMatch(/^That is your address\..*taken back\.$/);
});

test.each([
  [refusal('mail_unavailable'), /E-mail cannot be sent/],
  [refusal('reauthentication_required'), /confirm/i],
  [refusal('unavailable'), /Nothing is lost/],
])('what is refused is told, and what was typed is kept: %#', async (error, words) => {
  const procedures = { 'user.changeEmail': failing(error) };
  const app = await renderApp('/account/profile', { user: ada, procedures });
  await typeEmail(app, 'ada@new.example');
  expect((await screen.findByRole('alert')).textContent).toMatch(words);
  expect(screen.getByLabelText('New e-mail')).toHaveProperty('value', 'ada@new.example');
});

test('all that is kept is saved as a file', async () => {
  const saved: Blob[] = [];
  vi.spyOn(URL, 'createObjectURL').mockImplementation((file) => {
    if (file instanceof Blob) saved.push(file);
    return 'blob:saved';
  });
  const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
  const procedures = { 'user.export': () => ({ user: ada, notes: [] }) };
  const { person } = await renderApp('/account/profile', { user: ada, procedures });
  await person.click(screen.getByRole('button', { name: 'Download my data' }));
  await screen.findByText(/latchkey-data\.json/);
  expect(JSON.parse((await saved[0]?.text()) ?? '')).toEqual({ user: ada, notes: [] });
  expect(click.mock.contexts).toEqual([
    expect.objectContaining({ download: 'latchkey-data.json', href: 'blob:saved' }),
  ]);
});

test('a download that is refused is told', async () => {
  const procedures = { 'user.export': failing(refusal('rate_limited', { retryAfter: 86_400 })) };
  const { person } = await renderApp('/account/profile', { user: ada, procedures });
  await person.click(screen.getByRole('button', { name: 'Download my data' }));
  expect((await screen.findByRole('alert')).textContent).toMatch(/24 hours/);
});

test('the account goes when its name has been typed, and this browser forgets its session', async () => {
  const remove = ok();
  const deleteAccount = (input: unknown) => {
    // As the client does with this answer.
    void app.auth.signOut();
    return remove(input);
  };
  const procedures = { ...home, 'auth.deleteAccount': deleteAccount };
  const app = await renderApp('/account/profile', { user: ada, procedures });
  await app.person.click(screen.getByRole('button', { name: 'Delete account' }));
  const dialog = await screen.findByRole('dialog', { name: 'Delete your account?' });
  const name = within(dialog).getByLabelText('Type your username');
  await app.person.type(name, 'bob');
  await app.person.click(within(dialog).getByRole('button', { name: 'Delete for good' }));
  await within(dialog).findByText(/type ada/);
  expect(remove).not.toHaveBeenCalled();

  await app.person.clear(name);
  await app.person.type(name, 'ada');
  await app.person.click(within(dialog).getByRole('button', { name: 'Delete for good' }));
  await screen.findByText(/account was deleted/);
  expect(screen.getByRole('status').textContent).toMatch(/account was deleted/);
  expect(remove.mock.calls).toEqual([[{ confirm: 'ada' }]]);
  expect(app.path()).toBe('/');

  // A sign-out after it is one like any other.
  act(() => app.auth.set({ status: 'authenticated', offline: false, user: { ...ada, id: 'another' } }));
  await act(async () => app.auth.signOut());
  await screen.findByText('You are signed out.');
});

test('a deletion that is refused opens the dialog again, with what was typed; Cancel forgets it', async () => {
  const procedures = { 'auth.deleteAccount': failing(refusal('reauthentication_required')) };
  const { person } = await renderApp('/account/profile', { user: ada, procedures });
  await person.click(screen.getByRole('button', { name: 'Delete account' }));
  await person.type(await screen.findByLabelText('Type your username'), 'ada');
  await person.click(screen.getByRole('button', { name: 'Delete for good' }));
  const dialog = await screen.findByRole('dialog');
  expect((await within(dialog).findByRole('alert')).textContent).toMatch(/confirm/i);
  expect(within(dialog).getByLabelText('Type your username')).toHaveProperty('value', 'ada');

  await person.click(within(dialog).getByRole('button', { name: 'Cancel' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await person.click(screen.getByRole('button', { name: 'Delete account' }));
  expect(await screen.findByLabelText('Type your username')).toHaveProperty('value', '');
  expect(screen.queryByRole('alert')).toBeNull();
});
