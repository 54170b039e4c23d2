import { expectSignedIn, fillSignIn, fillSignUp, signUp, somebody } from './support/person.ts';
import { expect, test } from './support/test.ts';

test('the e-mail serves as well as the username', async ({ page, newVisitor }) => {
  const person = await signUp(page);
  const other = await (await newVisitor()).newPage();
  await other.goto('/sign-in');
  await fillSignIn(other, person.email.toUpperCase(), person.password);
  await expectSignedIn(other, person);
});

test('a wrong password and an unknown name are refused in the same words, aloud', async ({ page, newVisitor }) => {
  const person = await signUp(page);
  const other = await (await newVisitor()).newPage();
  await other.goto('/sign-in');
  await fillSignIn(other, person.username, 'not the password at all');
  await expect(other.getByRole('alert')).not.toBeEmpty();
  const refusal = await other.getByRole('alert').innerText();
  await expect(other.getByRole('button', { name: 'Sign in', exact: true })).toBeEnabled();

  await other.goto('/sign-in');
  await fillSignIn(other, somebody().username, 'not the password at all');
  await expect(other.getByRole('alert')).toHaveText(refusal);

  await fillSignIn(other, person.username, person.password);
  await expectSignedIn(other, person);
});

test('each field of the registration says what is wrong with it', async ({ page }) => {
  await page.goto('/sign-up');
  await fillSignUp(page, { username: 'a', email: 'nobody', password: 'short' });

  for (const [label, words] of [
    ['Username', /at least 3 characters/],
    ['E-mail', /like name@example\.com/],
    ['Password', /at least 8 characters/],
  ] as const) {
    const field = page.getByLabel(label, { exact: true });
    await expect(field).toHaveAttribute('aria-invalid', 'true');
    await expect(field).toHaveAccessibleDescription(words);
  }
});

test('a taken username is said at registration, without regard to case', async ({ page, newVisitor }) => {
  const person = await signUp(page);
  const other = await (await newVisitor()).newPage();
  await other.goto('/sign-up');
  await fillSignUp(other, { ...somebody(), username: person.username.toUpperCase() });
  await expect(other.getByRole('alert').filter({ hasText: /taken/ })).toBeVisible();
});

test('a page that needs a session leads to the sign-in, and back to itself', async ({ page, newVisitor }) => {
  const person = await signUp(page);
  const other = await (await newVisitor()).newPage();
  await other.goto('/account/sessions');
  await expect(other).toHaveURL(/\/sign-in/);
  await fillSignIn(other, person.username, person.password);
  await expect(other).toHaveURL(/\/account\/sessions$/);
  await expect(other.getByText('This device')).toBeVisible();
});

for (const hostile of [
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example/',
  '/%09/evil.example',
  'javascript:alert(1)',
]) {
  test(`signing in does not follow next=${hostile}`, async ({ page, newVisitor, server }) => {
    const person = await signUp(page);
    const context = await newVisitor();
    const left: string[] = [];
    await context.route(
      (url) => url.origin !== server.url,
      (route) => {
        left.push(route.request().url());
        return route.abort();
      },
    );
    const other = await context.newPage();
    await other.goto(`/sign-in?next=${encodeURIComponent(hostile)}`);
    await fillSignIn(other, person.username, person.password);
    await expectSignedIn(other, person);
    expect(new URL(other.url()).origin).toBe(server.url);
    expect(left).toEqual([]);
  });
}
