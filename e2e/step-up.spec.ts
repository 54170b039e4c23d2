import type { BrowserContext, Page } from '@playwright/test';
import { expectSound } from './support/expect-sound.ts';
import { expectSignedIn, logIn, type Person, register } from './support/person.ts';
import { expect, test } from './support/test.ts';

/** Without its cookie a proof counts for nothing, however young it is. */
const forgetProof = (page: Page): Promise<void> => page.context().clearCookies({ name: /_fresh$/ });

const dialogOf = (page: Page) => page.getByRole('dialog', { name: 'Confirm it is you' });

const sessionsOf = (page: Page) => page.getByRole('main').getByRole('listitem');

/** Somebody with a session elsewhere, looking at both, who proved who they are too long ago to end it. */
const atSessions = async (page: Page, elsewhere: BrowserContext): Promise<Person> => {
  const person = await register(page.context());
  await logIn(elsewhere, person);
  await page.goto('/account/sessions');
  await expect(sessionsOf(page)).toHaveCount(2);
  await forgetProof(page);
  return person;
};

const endTheOther = (page: Page): Promise<void> =>
  sessionsOf(page).filter({ hasNotText: 'This device' }).getByRole('button', { name: 'End session' }).click();

const confirm = async (page: Page, password: string): Promise<void> => {
  await dialogOf(page).getByLabel('Password', { exact: true }).fill(password);
  await dialogOf(page).getByRole('button', { name: 'Confirm' }).click();
};

test('ending another session asks who is there, and goes on by itself', async ({ page, newVisitor }) => {
  const person = await atSessions(page, await newVisitor());
  await endTheOther(page);
  await expect(dialogOf(page).getByLabel('Password', { exact: true })).toBeFocused();

  await confirm(page, `${person.password}!`);
  await expect(dialogOf(page).getByRole('alert')).toContainText('not your password');
  await expect(sessionsOf(page)).toHaveCount(2);

  await confirm(page, person.password);
  await expect(dialogOf(page)).toHaveCount(0);
  await expect(sessionsOf(page)).toHaveCount(1);
  await expectSignedIn(page, person);

  // The proof outlives the page that it was given in.
  await logIn(await newVisitor(), person);
  await page.reload();
  await expect(sessionsOf(page)).toHaveCount(2);
  await endTheOther(page);
  await expect(sessionsOf(page)).toHaveCount(1);
  await expect(dialogOf(page)).toHaveCount(0);
});

test('whoever does not confirm loses nothing, and is asked at the next try', async ({ page, newVisitor }) => {
  const person = await atSessions(page, await newVisitor());
  await endTheOther(page);
  await expect(dialogOf(page)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialogOf(page)).toHaveCount(0);
  await expect(page.getByRole('main').getByRole('alert')).toContainText('Nothing was done');

  await page.getByRole('button', { name: 'End all other sessions' }).click();
  await dialogOf(page).getByRole('button', { name: 'Cancel' }).click();
  await expect(dialogOf(page)).toHaveCount(0);
  await expect(sessionsOf(page)).toHaveCount(2);
  await expect(page.getByRole('button', { name: 'End all other sessions' })).toBeFocused();

  await page.getByRole('button', { name: 'End all other sessions' }).click();
  await confirm(page, person.password);
  await expect(sessionsOf(page)).toHaveCount(1);
});

test('another tab asks nobody again', async ({ page, context, newVisitor }) => {
  const person = await atSessions(page, await newVisitor());
  const second = await context.newPage();
  await second.goto('/account/sessions');
  await expect(sessionsOf(second)).toHaveCount(2);

  await page.bringToFront();
  await endTheOther(page);
  await confirm(page, person.password);
  await expect(sessionsOf(page)).toHaveCount(1);

  await logIn(await newVisitor(), person);
  await second.bringToFront();
  await second.getByRole('button', { name: 'End all other sessions' }).click();
  await expect(second.getByRole('status')).toContainText('ended');
  await expect(dialogOf(second)).toHaveCount(0);
});

test('of two windows that both ask, the one goes on by itself when the proof is given in the other', async ({
  page,
  context,
  newVisitor,
}) => {
  const person = await atSessions(page, await newVisitor());
  const second = await context.newPage();
  await second.goto('/account/profile');
  await second.getByRole('button', { name: 'Download my data' }).click();
  await expect(dialogOf(second)).toBeVisible();
  await endTheOther(page);
  await expect(dialogOf(page)).toBeVisible();

  const downloading = second.waitForEvent('download');
  await confirm(page, person.password);
  await expect(sessionsOf(page)).toHaveCount(1);
  await downloading;
  for (const tab of [page, second]) await expect(dialogOf(tab)).toHaveCount(0);
});

test('the dialog is sound, and leaves what a password manager draws within reach', async ({ page, newVisitor }) => {
  await atSessions(page, await newVisitor());
  await endTheOther(page);
  await expect(dialogOf(page)).toBeVisible();
  await expectSound(page);

  // Over the page, and beside its root, as extensions put it.
  await page.evaluate(() => {
    const menu = document.createElement('button');
    menu.textContent = 'Fill in';
    menu.style.cssText = 'position:fixed;top:0;left:0;z-index:2147483647';
    menu.addEventListener('click', () => menu.remove());
    document.body.append(menu);
  });
  await page.getByRole('button', { name: 'Fill in' }).click();
  await expect(page.getByRole('button', { name: 'Fill in' })).toHaveCount(0);
  await expect(dialogOf(page)).toBeVisible();
  await expect(page.locator('[inert] main')).toHaveCount(1);
});
