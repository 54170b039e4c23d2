import { cookieNames } from 'latchkey/shared';
import { recordApiCalls } from './support/api-calls.ts';
import { addNote } from './support/notes.ts';
import { arriveNew, expectSignedIn, register, signIn, signUp } from './support/person.ts';
import { expect, test } from './support/test.ts';

test('a new visitor makes no call of the API at all', async ({ page }) => {
  const calls = recordApiCalls(page);
  await page.goto('/');
  await expect(page.getByRole('link', { name: /sign in/i }).first()).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(await calls.all()).toEqual([]);
});

test('who registers is signed in, and still is after a reload, which costs one refresh', async ({ page }) => {
  const calls = recordApiCalls(page);
  /** The notes are there, and their stream, which is never done. */
  const isLoaded = async (): Promise<boolean> => {
    const [lists, streams] = await Promise.all([calls.to('notes.list'), calls.to('notes.onChange')]);
    return lists.length > 0 && streams.length > 0;
  };
  const person = await signUp(page);
  await expect.poll(isLoaded).toBe(true);

  calls.clear();
  await page.reload();
  await expectSignedIn(page, person);
  await expect.poll(isLoaded).toBe(true);

  expect(await calls.to('auth.refresh')).toEqual([{ procedures: ['auth.refresh'], status: 200 }]);
  expect((await calls.all()).filter(({ status }) => status !== 200)).toEqual([]);
});

test('the sign-in page is never shown while a session is being restored', async ({ page, context }) => {
  await register(context);
  await page.goto('/account/sessions');
  await expect(page.getByText('This device')).toBeVisible();

  await page.addInitScript(() => {
    new MutationObserver(() => {
      if (document.querySelector('input[type="password"]')) document.documentElement.dataset.flashed = 'yes';
    }).observe(document, { childList: true, subtree: true });
  });
  await page.reload();
  await expect(page.getByText('This device')).toBeVisible();
  await expect(page.locator('html')).not.toHaveAttribute('data-flashed', 'yes');
});

test('signing out ends the session and takes its cookies, and a reload does not bring it back', async ({
  page,
  context,
  server,
}) => {
  await arriveNew(page);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeHidden();
  await expect(page.getByRole('link', { name: /sign in/i }).first()).toBeVisible();
  const { device } = cookieNames(new URL(server.url));
  await expect.poll(async () => (await context.cookies()).map(({ name }) => name)).toEqual([device]);

  const calls = recordApiCalls(page);
  await page.goto('/');
  await expect(page.getByRole('link', { name: /sign in/i }).first()).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(await calls.all()).toEqual([]);
});

test('one who signs out and another who signs in see nothing of each other', async ({ page }) => {
  const first = await arriveNew(page);
  await addNote(page, 'a secret of the first');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByText('a secret of the first')).toBeHidden();

  await signUp(page);
  await expect(page.getByText('a secret of the first')).toBeHidden();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('link', { name: /sign in/i }).first()).toBeVisible();

  await signIn(page, first);
  await expect(page.getByText('a secret of the first')).toBeVisible();
});
