import { expectSignedIn, fillSignIn, logIn, register } from './support/person.ts';
import { expect, test } from './support/test.ts';

test('the account page lists the sessions and marks the one that looks at it', async ({ page, newVisitor }) => {
  await logIn(await newVisitor(), await register(page.context()));
  await page.goto('/account/sessions');
  const items = page.getByRole('main').getByRole('listitem');
  await expect(items).toHaveCount(2);
  await expect(items.filter({ hasText: 'This device' })).toHaveCount(1);
  await expect(items.filter({ hasText: /Chrom/ })).toHaveCount(2);
});

test('a session that was ended from another browser is over at its next call, which says why', async ({
  page,
  newVisitor,
}) => {
  const person = await register(page.context());
  const elsewhere = await newVisitor();
  await logIn(elsewhere, person);
  const other = await elsewhere.newPage();
  await other.goto('/account/sessions');
  await expect(other.getByText('This device')).toBeVisible();

  await page.goto('/account/sessions');
  const theirs = page.getByRole('main').getByRole('listitem').filter({ hasNotText: 'This device' });
  await theirs.getByRole('button', { name: 'End session' }).click();
  await expect(theirs).toHaveCount(0);

  await other.getByRole('button', { name: 'End all other sessions' }).click();
  await expect(other).toHaveURL(/\/sign-in/);
  await expect(other.getByRole('alert').filter({ hasText: /session/i })).toContainText(/ended/i);
  await expectSignedIn(page, person);

  // Back to where it was.
  await fillSignIn(other, person.username, person.password);
  await expect(other).toHaveURL(/\/account\/sessions$/);
});

test('a reload also says that the session was ended elsewhere', async ({ page, newVisitor }) => {
  const person = await register(page.context());
  const elsewhere = await newVisitor();
  await logIn(elsewhere, person);
  const other = await elsewhere.newPage();
  // A page that is live would have heard of it at once.
  await other.goto('/account/sessions');
  await expect(other.getByText('This device')).toBeVisible();

  await page.goto('/account/sessions');
  await page.getByRole('button', { name: 'End all other sessions' }).click();
  await expect(page.getByRole('main').getByRole('listitem')).toHaveCount(1);

  await other.reload();
  await expect(other.getByRole('button', { name: 'Sign out' })).toBeHidden();
  await expect(other.getByRole('alert').filter({ hasText: /session/i })).toContainText(/ended/i);
  await expectSignedIn(page, person);
});
