import { expectSignedIn, signUp } from './support/person.ts';
import { expect, test } from './support/test.ts';

test('a server that dies in mid-use and comes back leaves everybody signed in', async ({ page, newServer }) => {
  const server = await newServer();
  const person = await signUp(page, server.url);
  await server.kill();

  await page.getByLabel('New note').fill('written while it was away');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('alert').filter({ hasText: /./ }).first()).toBeVisible();
  await expectSignedIn(page, person);

  await server.start();
  await page.getByLabel('New note').fill('written after it came back');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(
    page.getByRole('main').getByRole('listitem').filter({ hasText: 'written after it came back' }),
  ).toBeVisible();
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
