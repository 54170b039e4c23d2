import type { BrowserContext, Page } from '@playwright/test';
import { openOtherHost } from './support/probe.ts';
import { expect, test } from './support/test.ts';

const PAGE = 'http://app.shop.localhost:4173';
const personOf = (username: string) => ({
  username,
  email: `${username}@mail.example`,
  password: 'correct horse battery staple',
});

test.slow(); // It bundles its page thrice.

test('where page and API are two hosts of one site, a session is restored, followed by other tabs, and ended', async ({
  context,
  newServer,
}) => {
  const server = await newServer({ host: 'api.shop.localhost', env: { ALLOWED_ORIGINS: PAGE } });
  // The page is made by this test, and comes from no address that the browser would call this machine.
  await context.grantPermissions(['local-network-access'], { origin: PAGE });
  const open = async (inContext: BrowserContext): Promise<Page> => {
    const page = await inContext.newPage();
    await openOtherHost(page, PAGE, `?api=${encodeURIComponent(`${server.url}/api/trpc`)}`);
    return page;
  };
  const current = (page: Page) => () => page.evaluate(() => window.otherHost.current());

  const page = await open(context);
  expect(await page.evaluate(() => window.otherHost.settled())).toBeNull();
  await page.evaluate((person) => window.otherHost.signUp(person), personOf('ada'));
  expect(await page.evaluate(() => window.otherHost.ask())).toBe('ada');
  const [refresh] = (await context.cookies(server.url)).filter(({ httpOnly }) => httpOnly);
  expect(refresh).toMatchObject({ domain: 'api.shop.localhost', sameSite: 'Strict' });

  await page.reload();
  await page.waitForFunction(() => 'otherHost' in window);
  expect(await page.evaluate(() => window.otherHost.settled())).toBe('ada');
  expect(await page.evaluate(() => window.otherHost.ask())).toBe('ada');

  const second = await open(context);
  expect(await second.evaluate(() => window.otherHost.settled())).toBe('ada');
  await second.evaluate(() => window.otherHost.signOut());
  expect(await current(second)()).toBeNull();
  await expect.poll(current(page)).toBeNull();

  await page.evaluate((person) => window.otherHost.signUp(person), personOf('bob'));
  await expect.poll(current(second)).toBe('bob');
  expect(await second.evaluate(() => window.otherHost.ask())).toBe('bob');

  await second.evaluate(() => window.otherHost.signOut());
  await page.reload();
  await page.waitForFunction(() => 'otherHost' in window);
  expect(await page.evaluate(() => window.otherHost.settled())).toBeNull();
});
