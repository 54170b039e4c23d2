import { readdirSync, readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { countAuthLines } from './support/auth-lines.ts';
import { type Example, startExample } from './support/example.ts';
import { untilExpired } from './support/expiry.ts';
import { type Person, somebody } from './support/person.ts';
import { test as base, expect } from './support/test.ts';

const FOLDER = new URL('../examples/', import.meta.url);
const MAX_AUTH_LINES = 60;
const INSTALL_TIMEOUT_MS = 240_000; // npm, on a busy machine

const test = base.extend({ baseURL: undefined }); // no server of ours

const names = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
/** Of the page itself: Next.js has one of its own, to announce where it is. */
const alert = (page: Page) => page.getByRole('main').getByRole('alert');
const field = (page: Page, name: string) => page.getByLabel(name, { exact: true });

const expectGreeted = async (page: Page, { username }: Person): Promise<void> => {
  await expect(heading(page, username)).toBeVisible();
  await expect(page.getByText(`Hello, ${username}`, { exact: true })).toBeVisible();
};

const signUp = async (page: Page, url: string): Promise<Person> => {
  const person = somebody();
  await page.goto(url);
  await page.getByText('I am new here').click();
  await field(page, 'Username').fill(person.username);
  await field(page, 'E-mail').fill(person.email);
  await field(page, 'Password').fill(person.password);
  await button(page, 'Create account').click();
  await expectGreeted(page, person);
  return person;
};

const signIn = async (page: Page, { username, password }: Pick<Person, 'username' | 'password'>): Promise<void> => {
  await field(page, 'Username').fill(username);
  await field(page, 'Password').fill(password);
  await button(page, 'Sign in').click();
};

/** Signed out, and asked who they are. */
const expectAsked = (page: Page): Promise<void> => expect(button(page, 'Sign in')).toBeVisible();

/** Notes whether the page shows a text from now on, however briefly. */
const watchFor = async (page: Page, text: string): Promise<() => Promise<boolean>> => {
  const seen = await page.evaluateHandle((text) => {
    const watched = { seen: false };
    new MutationObserver(() => {
      watched.seen ||= document.body.textContent.includes(text);
    }).observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true });
    return watched;
  }, text);
  return () => seen.evaluate((watched) => watched.seen);
};

/** Next's development indicator stumbles over a page of the other router. */
const NEXT_INDICATOR = /^\[HMR\] Invalid message: \{"type":"isrManifest"/;

/** What only one of them has to show. */
const OWN: Readonly<Record<string, { title: string; run: (page: Page, url: string) => Promise<void> }>> = {
  'express-prisma-style': {
    title: 'a member from before signs in with the password that they have',
    run: async (page, url) => {
      await page.goto(url);
      await signIn(page, { username: 'grace', password: 'debugging since 1947' });
      await expect(page.getByText('Hello, grace', { exact: true })).toBeVisible();
      await expect(page.getByText('With us since 2019, on the plan pro.')).toBeVisible();
    },
  },
  next: {
    title: 'both routers render a page for the user who is signed in, and hydration matches it',
    run: async (page, url) => {
      test.setTimeout(90_000); // it compiles a page that nobody has asked for before
      const { username } = await signUp(page, url);
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (/hydrat/i.test(message.text())) complaints.push(message.text());
      });
      for (const address of [url, `${url}/classic`]) {
        const response = await page.goto(address);
        expect(await response?.text()).toContain(`<h1>${username}</h1>`);
        await expect(page.getByText(`Hello, ${username}`, { exact: true })).toBeVisible({ timeout: 60_000 });
      }
      expect(complaints).toEqual([]);
    },
  },
};

for (const name of names) {
  test.describe(name, () => {
    test.describe.configure({ mode: 'default' }); // one installation for all of its tests

    if (name === 'next') test.use({ expectedComplaints: NEXT_INDICATOR });

    let example: Example;
    test.beforeAll(async () => {
      test.setTimeout(INSTALL_TIMEOUT_MS);
      example = await startExample(name, { ACCESS_TOKEN_TTL: '2' });
    });
    test.afterAll(() => example?.remove());

    test('someone signs up, stays signed in beyond the end of the token, a reload and in a second tab, and out in both', async ({
      page,
      context,
    }) => {
      test.slow(); // It is compiled as it is asked for.
      const answered = page.waitForResponse((response) => /\bhello\b/.test(response.url()) && response.ok());
      const person = await signUp(page, example.url);
      const first = (await answered).request();
      const { authorization = '' } = first.headers();
      expect(authorization).toMatch(/^Bearer /);
      await untilExpired(first.url(), authorization);

      const isAskedToSignIn = await watchFor(page, 'Sign in');
      const refreshed = page.waitForResponse((response) => response.url().includes('auth.refresh'));
      const repeated = page.waitForResponse((response) => /\bhello\b/.test(response.url()) && response.ok());
      await button(page, 'Say hello').click();
      await Promise.all([refreshed, repeated]);
      await expectGreeted(page, person);
      await expect(alert(page)).toHaveCount(0);
      expect(await isAskedToSignIn()).toBe(false);

      await page.reload();
      await expectGreeted(page, person);

      const other = await context.newPage();
      await other.goto(example.url);
      await expectGreeted(other, person);
      await button(page, 'Sign out').click();
      await expectAsked(page);
      await expectAsked(other);
    });

    test('a wrong password is told of, and the next user sees nothing of the last', async ({ page }) => {
      const last = await signUp(page, example.url);
      await button(page, 'Sign out').click();
      await expectAsked(page);
      await signIn(page, { ...last, password: 'not the password' });
      await expect(alert(page)).toHaveText(/password is not right/);

      const next = await signUp(page, example.url);
      await button(page, 'Sign out').click();
      await expectAsked(page);
      const isLastShown = await watchFor(page, next.username);
      await signIn(page, last);
      await expectGreeted(page, last);
      expect(await isLastShown()).toBe(false);
    });

    const own = OWN[name];
    if (own !== undefined) test(own.title, ({ page }) => own.run(page, example.url));

    test('it compiles, and has no more lines for auth than it says', async () => {
      test.slow(); // A compiler, on a machine that has other things to do.
      await example.checkTypes();
      const lines = countAuthLines(new URL(name, FOLDER).pathname);
      expect(lines).toBeLessThanOrEqual(MAX_AUTH_LINES);
      expect(readFileSync(new URL(`${name}/README.md`, FOLDER), 'utf8')).toContain(`${lines} lines`);
    });
  });
}
