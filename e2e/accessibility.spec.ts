import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { addNote } from './support/notes.ts';
import { signUp } from './support/person.ts';
import { expect, test } from './support/test.ts';

const SIZES = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 800 } };

const expectSound = async (page: Page): Promise<void> => {
  // Colours in the middle of a transition are no colours of the page.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished)));
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => ({ id, at: nodes.map(({ html }) => html) }))).toEqual([]);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow, 'pixels to scroll sideways').toBeLessThanOrEqual(0);
};

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [name, viewport] of Object.entries(SIZES)) {
    test.describe(`${colorScheme}, ${name}`, () => {
      test.use({ colorScheme, viewport });

      test('the pages of a visitor are sound', async ({ page }) => {
        await page.goto('/');
        await expect(page.getByRole('link', { name: /sign in/i }).first()).toBeVisible();
        await expectSound(page);

        await page.goto('/sign-in');
        await page.getByRole('button', { name: 'Sign in', exact: true }).click();
        await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('aria-invalid', 'true');
        await expectSound(page);

        await page.goto('/sign-up');
        await expect(page.getByRole('button', { name: 'Create account' })).toBeVisible();
        await expectSound(page);

        await page.goto('/no/such/page');
        await expect(page.getByRole('heading').first()).toBeVisible();
        await expectSound(page);
      });

      test('the pages of a user are sound', async ({ page }) => {
        await signUp(page);
        await expectSound(page);

        await addNote(page, `A note with one long word: ${'w'.repeat(200)}`);
        await expectSound(page);

        await page.goto('/account/sessions');
        await expect(page.getByText('This device')).toBeVisible();
        await expectSound(page);
      });
    });
  }
}

test('the keyboard alone is enough to sign up, add a note and sign out', async ({ page }) => {
  await page.goto('/sign-up');
  await page.getByLabel('Username', { exact: true }).focus();
  const id = Date.now().toString(36);
  await page.keyboard.type(`keys-${id}`);
  await page.keyboard.press('Tab');
  await page.keyboard.type(`keys-${id}@example.com`);
  await page.keyboard.press('Tab');
  await page.keyboard.type('only the keys of a keyboard');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();

  await page.getByLabel('New note').focus();
  await page.keyboard.type('typed');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Add', exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main').getByRole('listitem').filter({ hasText: 'typed' })).toBeVisible();

  await page.getByRole('button', { name: 'Sign out' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('link', { name: /sign in/i }).first()).toBeVisible();
});
