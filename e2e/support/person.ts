import { randomBytes } from 'node:crypto';
import { expect, type Page } from '@playwright/test';

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

/** Registers a new person through the form, and leaves the page signed in at `/`, with all of its code there. */
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
