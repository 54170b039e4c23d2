import { randomBytes } from 'node:crypto';
import { type BrowserContext, expect, type Page } from '@playwright/test';

export interface Person {
  username: string;
  email: string;
  password: string;
}

/** Somebody whom the server does not know yet. */
export const somebody = (): Person => {
  const id = randomBytes(6).toString('hex');
  return {
    username: `ada-${id}`,
    email: `ada-${id}@example.com`,
    password: `long ${randomBytes(9).toString('hex')} phrase`,
  };
};

export const expectSignedIn = async (page: Page, person: Person): Promise<void> => {
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
  await expect(page.getByText(person.username, { exact: true }).first()).toBeVisible();
};

export const fillSignUp = async (page: Page, person: Person): Promise<void> => {
  await page.getByLabel('Username', { exact: true }).fill(person.username);
  await page.getByLabel('E-mail', { exact: true }).fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('button', { name: 'Create account' }).click();
};

export const fillSignIn = async (page: Page, name: string, password: string): Promise<void> => {
  await page.getByLabel('Username or e-mail').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
};

/** Registers a new person through the form, and leaves the page at `/`, with all of its code there. */
export const signUp = async (page: Page, origin = ''): Promise<Person> => {
  const person = somebody();
  await page.goto(`${origin}/sign-up`);
  await fillSignUp(page, person);
  await expectSignedIn(page, person);
  await expect(page.getByLabel('New note')).toBeVisible();
  return person;
};

/** Signs a known person in through the form. */
export const signIn = async (page: Page, person: Person, origin = ''): Promise<void> => {
  await page.goto(`${origin}/sign-in`);
  await fillSignIn(page, person.username, person.password);
  await expectSignedIn(page, person);
};

/** Calls a mutation in the name of a browser, which then has the cookies of the answer. */
export const callApi = async (context: BrowserContext, procedure: string, data: object, origin = ''): Promise<void> => {
  const options = { headers: { 'x-latchkey': '1' }, data };
  const response = await context.request.post(`${origin}/api/trpc/${procedure}`, options);
  expect(response.status(), await response.text()).toBe(200);
};

/** Registers a new person in a browser, for tests of what comes after: no page is opened and no form filled in. */
export const register = async (context: BrowserContext, origin = ''): Promise<Person> => {
  const person = somebody();
  await callApi(context, 'auth.register', person, origin);
  return person;
};

/** Signs a known person in, in the same way. */
export const logIn = (context: BrowserContext, { username, password }: Person, origin = ''): Promise<void> =>
  callApi(context, 'auth.login', { username, password }, origin);

/** Opens a page as a new person, and leaves it at `/`, with all of its code there. */
export const arriveNew = async (page: Page, origin = ''): Promise<Person> => {
  const person = await register(page.context(), origin);
  await page.goto(`${origin}/`);
  await expectSignedIn(page, person);
  await expect(page.getByLabel('New note')).toBeVisible();
  return person;
};

/** Opens a page as a known person. */
export const arriveAs = async (page: Page, person: Person, origin = ''): Promise<void> => {
  await logIn(page.context(), person, origin);
  await page.goto(`${origin}/`);
  await expectSignedIn(page, person);
};
