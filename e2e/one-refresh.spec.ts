import { recordApiCalls } from './support/api-calls.ts';
import { somebody } from './support/person.ts';
import { openProbe } from './support/probe.ts';
import { expect, test } from './support/test.ts';

for (const transport of ['single', 'batch'] as const) {
  test(`20 queries at once with an expired token (${transport}) cost one refresh, and all succeed`, async ({
    page,
    newServer,
  }) => {
    const server = await newServer({ env: { ACCESS_TOKEN_TTL: '2' } });
    const person = somebody();
    await openProbe(page, server.url);
    await page.evaluate((who) => window.probe.signUp(who), person);

    const asked = page.waitForRequest((request) => request.url().includes('user.me'));
    expect(await page.evaluate(() => window.probe.ask(1, 'single'))).toEqual([person.username]);
    const { authorization = '' } = (await asked).headers();
    const statusOfToken = async (): Promise<number> =>
      (await page.request.get(`${server.url}/api/trpc/user.me`, { headers: { authorization } })).status();
    expect(await statusOfToken()).toBe(200);
    await expect.poll(statusOfToken).toBe(401);

    const calls = recordApiCalls(page);
    const answers = await page.evaluate((how) => window.probe.ask(20, how), transport);
    expect(answers).toEqual(Array.from({ length: 20 }, () => person.username));
    expect(await calls.to('auth.refresh')).toEqual([{ procedures: ['auth.refresh'], status: 200 }]);
    const statuses = (await calls.to('user.me')).map(({ status }) => status);
    const requests = transport === 'batch' ? 1 : 20;
    expect(statuses.filter((status) => status !== 200)).toHaveLength(requests);
    expect(statuses.filter((status) => status === 200)).toHaveLength(requests);
  });
}
