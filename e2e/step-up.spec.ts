import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expectSignedIn, type Person, signIn, signUp } from './support/person.ts';
import { expect, test } from './support/test.ts';

/** Without its cookie a proof counts for nothing, however young it is. */
const forgetProof = (page: Page): Promise<void> => page.context().clearCookies({ name: /_fresh$/ });

const dialogOf = (page: Page) => page.getByRole('dialog', { name: 'Confirm it is you' });

const sessionsOf = (page: Page) => page.getByRole('main').getByRole('listitem');

/** Somebody with a session elsewhere, looking at both, who proved who they are too long ago to end it. */
const atSessions = async (page: Page, elsewhere: Page): Promise<Person> => {
  const person = await signUp(page);
  await signIn(elsewhere, person);
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
  const person = await atSessions(page, await (await newVisitor()).newPage());
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
  const elsewhere = await (await newVisitor()).newPage();
  await signIn(elsewhere, person);
  await page.reload();
  await expect(sessionsOf(page)).toHaveCount(2);
  await endTheOther(page);
  await expect(sessionsOf(page)).toHaveCount(1);
  await expect(dialogOf(page)).toHaveCount(0);
});

test('whoever does not confirm loses nothing, and is asked at the next try', async ({ page, newVisitor }) => {
  const person = await atSessions(page, await (await newVisitor()).newPage());
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
  const person = await atSessions(page, await (await newVisitor()).newPage());
  const second = await context.newPage();
  await second.goto('/account/sessions');
  await expect(sessionsOf(second)).toHaveCount(2);

  await page.bringToFront();
  await endTheOther(page);
  await confirm(page, person.password);
  await expect(sessionsOf(page)).toHaveCount(1);

  await signIn(await (await newVisitor()).newPage(), person);
  await second.bringToFront();
  await second.getByRole('button', { name: 'End all other sessions' }).click();
  await expect(second.getByRole('status')).toContainText('ended');
  await expect(dialogOf(second)).toHaveCount(0);
});

for (const [name, options] of [
  ['on a phone', { viewport: { width: 360, height: 640 } }],
  ['in the dark', { colorScheme: 'dark' as const }],
] as const) {
  test(`the dialog is sound ${name}, and leaves what a password manager draws within reach`, async ({ newVisitor }) => {
    const page = await (await newVisitor(options)).newPage();
    await atSessions(page, await (await newVisitor()).newPage());
    await endTheOther(page);
    await expect(dialogOf(page)).toBeVisible();
    // Once it has risen: half transparent it has less contrast.
    await dialogOf(page).evaluate((dialog) => Promise.all(dialog.getAnimations().map(({ finished }) => finished)));
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);

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
}
