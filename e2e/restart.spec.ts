import { addNote, sendNote } from './support/notes.ts';
import { expectSignedIn, signUp } from './support/person.ts';
import { refreshCookie } from './support/refresh-cookie.ts';
import { expect, test } from './support/test.ts';

test('a server that dies in mid-use and comes back leaves everybody signed in', async ({ page, newServer }) => {
  const server = await newServer();
  const person = await signUp(page, server.url);
  await server.kill();

  await sendNote(page, 'written while it was away');
  await expect(page.getByRole('alert').filter({ hasText: /./ }).first()).toBeVisible();
  await expectSignedIn(page, person);

  await server.start();
  await addNote(page, 'written after it came back');
  await page.reload();
  await expectSignedIn(page, person);
  await expect(page.getByText('written after it came back')).toBeVisible();
});

test('a page whose first refresh finds no server waits for it, and then is signed in', async ({ page, newServer }) => {
  const server = await newServer();
  const person = await signUp(page, server.url);
  await page.route('**/api/trpc/**', (route) => route.abort('connectionrefused'));
  await page.reload();
  await expect(page.getByLabel('Password', { exact: true })).toBeHidden();
  await page.unroute('**/api/trpc/**');
  await expectSignedIn(page, person);
});

test('a sign-out while the server is away holds, and the server hears of it when it is back', async ({
  page,
  context,
  newServer,
}) => {
  const server = await newServer();
  await signUp(page, server.url);
  expect(await refreshCookie(context, server.url)).toBeTruthy();

  await server.kill();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('link', { name: /sign in/i }).first()).toBeVisible();
  await server.start();

  await page.goto(server.url);
  await expect(page.getByRole('link', { name: /sign in/i }).first()).toBeVisible();
  await expect.poll(() => refreshCookie(context, server.url)).toBeUndefined();
  await page.reload();
  await expect(page.getByRole('link', { name: /sign in/i }).first()).toBeVisible();
});
