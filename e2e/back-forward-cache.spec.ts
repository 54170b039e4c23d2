import type { Page } from '@playwright/test';
import { CHROMIUM_ARGS } from '../src/testing/chromium.ts';
import { recordApiCalls } from './support/api-calls.ts';
import { untilExpired } from './support/expiry.ts';
import { addNote, noteOf } from './support/notes.ts';
import { arriveNew, expectSignedIn, signIn } from './support/person.ts';
import { openTabs } from './support/tabs.ts';
import { expect, test } from './support/test.ts';

test.use({
  // The document in between has no icon, so the browser looks for one.
  expectedComplaints: /status of 404/,
  // Playwright turns the cache off, since a page that comes out of it fires no `load`.
  launchOptions: {
    ...(process.env.CHROMIUM_PATH !== undefined && { executablePath: process.env.CHROMIUM_PATH }),
    args: [...CHROMIUM_ARGS, '--enable-features=BackForwardCache'],
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  },
});

declare global {
  interface Window {
    /** Only a page that was kept still has it. */
    keptPage?: boolean;
  }
}

/** Leaves the page for another document, as a click on a link does. */
const leave = async (page: Page): Promise<void> => {
  await page.evaluate(() => {
    window.keptPage = false;
    addEventListener('pageshow', ({ persisted }) => {
      window.keptPage = persisted;
    });
  });
  await page.goto(new URL('/favicon.svg', page.url()).href);
};

/** Goes back, and makes sure that the browser had kept the page as it was. */
const comeBack = async (page: Page): Promise<void> => {
  await page.evaluate(() => history.back());
  await expect.poll(() => page.evaluate(() => window.keptPage).catch(() => 'under way')).toBe(true);
};

const openOther = async (page: Page): Promise<Page> => {
  const [other] = await openTabs(page.context(), 1, '/');
  if (other === undefined) throw new Error('There is no other tab.');
  return other;
};

test('a page that comes back is signed out if the browser was meanwhile, and shows nothing of the user', async ({
  page,
}) => {
  const person = await arriveNew(page);
  await addNote(page, 'a note of mine');
  await leave(page);
  const other = await openOther(page);
  await expectSignedIn(other, person);
  await other.getByRole('button', { name: 'Sign out' }).click();
  await expect(other.getByRole('button', { name: 'Sign out' })).toHaveCount(0);
  await other.close();

  await comeBack(page);
  await expect(page.getByRole('button', { name: 'Sign out' })).toHaveCount(0);
  await expect(page.getByText('a note of mine')).toHaveCount(0);
  await expect(page.getByText(person.username)).toHaveCount(0);
});

test('a page that comes back belongs to the user who signed in meanwhile', async ({ page, newVisitor }) => {
  const elsewhere = await (await newVisitor()).newPage();
  const grace = await arriveNew(elsewhere);
  await addNote(elsewhere, 'a note of hers');
  await arriveNew(page);
  await addNote(page, 'a note of mine');
  await leave(page);
  const other = await openOther(page);
  await other.getByRole('button', { name: 'Sign out' }).click();
  await signIn(other, grace);

  await comeBack(page);
  await expectSignedIn(page, grace);
  await expect(noteOf(page, 'a note of hers')).toBeVisible();
  await expect(page.getByText('a note of mine')).toHaveCount(0);
});

test('a page that comes back with an old token works on with one refresh, and is live again', async ({
  page,
  context,
  newServer,
}) => {
  test.slow();
  const server = await newServer({ env: { ACCESS_TOKEN_TTL: '10' } });
  const person = await arriveNew(page, server.url);
  await addNote(page, 'before.');
  const asked = page.waitForRequest((request) => 'authorization' in request.headers());
  await addNote(page, 'last.');
  const { authorization = '' } = (await asked).headers();
  await leave(page);

  const [other] = await openTabs(context, 1, server.url);
  if (other === undefined) throw new Error('There is no other tab.');
  await addNote(other, 'meanwhile.');
  await untilExpired(`${server.url}/api/trpc/user.me`, authorization);

  const calls = recordApiCalls(page);
  await comeBack(page);
  await expectSignedIn(page, person);
  await expect(noteOf(page, 'meanwhile.')).toHaveCount(1);
  await addNote(page, 'here again.');
  expect(await calls.to('auth.refresh')).toHaveLength(1);
  expect((await calls.all()).filter(({ status }) => status === 401)).toEqual([]);
  await addNote(other, 'live.');
  await expect(noteOf(page, 'live.')).toHaveCount(1);
});
