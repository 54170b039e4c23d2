import { expectSound } from './support/expect-sound.ts';
import { addNote } from './support/notes.ts';
import { arriveNew } from './support/person.ts';
import { expect, test } from './support/test.ts';

/** Pages around mails, and the button of each. */
const MAILED = [
  ['/forgot-password', 'Send link'],
  ['/reset-password', 'Set password'],
  ['/verify-email', 'Confirm address'],
  ['/revert-email#token=x&username=ada', 'Take address back'],
] as const;

test('the pages of a visitor are sound', async ({ page }) => {
  test.slow(); // Eight pages, each in four ways.
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

  for (const [path, button] of MAILED) {
    await page.goto(path);
    await expect(page.getByRole('button', { name: button })).toBeVisible();
    await expectSound(page);
  }

  await page.goto('/no/such/page');
  await expect(page.getByRole('heading').first()).toBeVisible();
  await expectSound(page);
});

test('the pages of a user are sound', async ({ page }) => {
  test.slow(); // Six of them, and a dialog, each in four ways.
  await arriveNew(page);
  await expectSound(page);

  await addNote(page, `A note with one long word: ${'w'.repeat(200)}`);
  await expectSound(page);

  await page.goto('/account/sessions');
  await expect(page.getByText('This device')).toBeVisible();
  await expectSound(page);

  await page.goto('/account/profile');
  await page.getByRole('button', { name: 'Delete account' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectSound(page);

  await page.goto('/account/activity');
  await expect(page.getByRole('main').getByRole('listitem')).toHaveCount(1);
  await expectSound(page);

  await page.goto('/account/security');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByLabel('Current password')).toHaveAttribute('aria-invalid', 'true');
  await expectSound(page);
});

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
