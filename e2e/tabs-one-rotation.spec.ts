import { recordApiCalls } from './support/api-calls.ts';
import { untilExpired } from './support/expiry.ts';
import { arriveNew, expectSignedIn, register } from './support/person.ts';
import { generationOf } from './support/refresh-cookie.ts';
import { BROWSERS, openTabs, takeAway } from './support/tabs.ts';
import { expect, test } from './support/test.ts';

for (const { name, lacks } of BROWSERS) {
  test(`ten tabs that wake together cost one rotation (${name})`, async ({ page, context, newServer }) => {
    test.slow();
    const server = await newServer({ env: { ACCESS_TOKEN_TTL: '8', REFRESH_LEEWAY: '6' } });
    await takeAway(context, lacks);
    const person = await register(context, server.url);
    await page.goto(`${server.url}/account/sessions`);
    const tabs = [page, ...(await openTabs(context, 9, `${server.url}/account/sessions`))];
    for (const tab of tabs) await expectSignedIn(tab, person);

    // Asleep: nothing gets through, until every token is past and the leeway of the last rotation as well.
    const asked = page.waitForRequest((request) => 'authorization' in request.headers());
    await page.reload();
    const { authorization = '' } = (await asked).headers();
    await expectSignedIn(page, person);
    await context.setOffline(true);
    await untilExpired(`${server.url}/api/trpc/user.me`, authorization);
    for (const tab of tabs) await expect(tab.getByText(/cannot be reached/).first()).toBeVisible();

    const before = await generationOf(context, server.url);
    const calls = tabs.map(recordApiCalls);
    await context.setOffline(false);
    for (const [index, tab] of tabs.entries()) {
      await expect.poll(async () => (await calls[index]?.to('auth.refresh'))?.at(-1)?.status).toBe(200);
      await expectSignedIn(tab, person);
    }
    expect(await generationOf(context, server.url)).toBe(before + 1);
  });
}

test('a tab that holds the lock and never lets go holds no other tab up', async ({ page, context }) => {
  const person = await arriveNew(page);
  await page.evaluate(() => void navigator.locks.request('latchkey', () => new Promise(() => undefined)));
  const [other] = await openTabs(context, 1, '/');
  if (other === undefined) throw new Error('There is no other tab.');
  await expectSignedIn(other, person);
  await other.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('button', { name: 'Sign out' })).toHaveCount(0);
});
