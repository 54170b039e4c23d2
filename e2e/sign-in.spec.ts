import { expectSignedIn, fillSignIn, fillSignUp, register, somebody } from './support/person.ts';
import { expect, test } from './support/test.ts';

test('the e-mail serves as well as the username', async ({ page, newVisitor }) => {
  const person = await register(await newVisitor());
  await page.goto('/sign-in');
  await fillSignIn(page, person.email.toUpperCase(), person.password);
  await expectSignedIn(page, person);
});

test('a wrong password and an unknown name are refused in the same words, aloud', async ({ page, newVisitor }) => {
  const person = await register(await newVisitor());
  await page.goto('/sign-in');
  await fillSignIn(page, person.username, 'not the password at all');
  await expect(page.getByRole('alert')).not.toBeEmpty();
  const refusal = await page.getByRole('alert').innerText();
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeEnabled();

  await page.goto('/sign-in');
  await fillSignIn(page, somebody().username, 'not the password at all');
  await expect(page.getByRole('alert')).toHaveText(refusal);

  await fillSignIn(page, person.username, person.password);
  await expectSignedIn(page, person);
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
  const person = await register(await newVisitor());
  await page.goto('/sign-up');
  await fillSignUp(page, { ...somebody(), username: person.username.toUpperCase() });
  await expect(page.getByRole('alert').filter({ hasText: /taken/ })).toBeVisible();
});

test('a page that needs a session leads to the sign-in, and back to itself', async ({ page, newVisitor }) => {
  const person = await register(await newVisitor());
  await page.goto('/account/sessions');
  await expect(page).toHaveURL(/\/sign-in/);
  await fillSignIn(page, person.username, person.password);
  await expect(page).toHaveURL(/\/account\/sessions$/);
  await expect(page.getByText('This device')).toBeVisible();
});

const HOSTILE = [
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example/',
  '/%09/evil.example',
  'javascript:alert(1)',
];

test('signing in follows no address of another site', async ({ page, context, newVisitor, server }) => {
  test.slow(); // Five sign-ins.
  const person = await register(await newVisitor());
  const left: string[] = [];
  await context.route(
    (url) => url.origin !== server.url,
    (route) => {
      left.push(route.request().url());
      return route.abort();
    },
  );
  for (const next of HOSTILE) {
    await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
    await fillSignIn(page, person.username, person.password);
    await expectSignedIn(page, person);
    await expect(page).not.toHaveURL(/sign-in/);
    expect(new URL(page.url()).origin, next).toBe(server.url);
    await page.goto('about:blank');
    await context.clearCookies();
  }
  expect(left).toEqual([]);
});
