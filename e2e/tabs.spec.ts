import { recordApiCalls } from './support/api-calls.ts';
import { arriveNew, expectSignedIn } from './support/person.ts';
import { expect, test } from './support/test.ts';

test('a second tab is signed in, and both go on after each has reloaded many times', async ({ page, context }) => {
  const person = await arriveNew(page);
  const second = await context.newPage();
  await second.goto('/');
  await expectSignedIn(second, person);
  for (let round = 0; round < 3; round += 1) {
    await Promise.all([page.reload(), second.reload()]);
    await Promise.all([expectSignedIn(page, person), expectSignedIn(second, person)]);
  }
});

test('a reload in the middle of a reload ends nothing', async ({ page }) => {
  const person = await arriveNew(page);
  for (let round = 0; round < 5; round += 1) {
    const refreshing = page.waitForRequest('**/api/trpc/auth.refresh');
    await page.evaluate(() => location.reload());
    await refreshing; // on its way, and given up by the next reload
  }
  await page.reload();
  await expectSignedIn(page, person);
});

test('a tab whose session was ended by a sign-out in another one is signed out at its next call', async ({
  page,
  context,
}) => {
  await arriveNew(page);
  const second = await context.newPage();
  await second.goto('/account/sessions');
  await expect(second.getByText('This device')).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('link', { name: /sign in/i }).first()).toBeVisible();

  await second.bringToFront();
  const calls = recordApiCalls(second);
  await second.goto('/account/sessions');
  await expect(second).toHaveURL(/\/sign-in/);
  // The sign-in asks how one can sign in, and nothing else is asked.
  const asked = (await calls.all()).flatMap(({ procedures }) => procedures);
  expect(asked.filter((procedure) => procedure !== 'auth.methods')).toEqual([]);
});
