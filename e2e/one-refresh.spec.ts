import { recordApiCalls } from './support/api-calls.ts';
import { untilExpired } from './support/expiry.ts';
import { somebody } from './support/person.ts';
import { openProbe } from './support/probe.ts';
import { expect, test } from './support/test.ts';

const TRANSPORTS = [
  { transport: 'single', requests: 20 },
  { transport: 'batch', requests: 1 },
] as const;

/** Who finds out that the token has expired: the client before it sends, or, when its clock is wrong, the server. */
const FINDERS = [
  { finder: 'client', query: '' },
  { finder: 'server', query: '?clock-stands' },
] as const;

for (const { finder, query } of FINDERS) {
  test(`20 queries at once with a token that the ${finder} finds expired cost one refresh, and all succeed`, async ({
    page,
    newServer,
  }) => {
    test.slow(); // It lets a token expire for each transport.
    const server = await newServer({ env: { ACCESS_TOKEN_TTL: '4' } });
    const person = somebody();
    await openProbe(page, server.url, query);
    await page.evaluate((who) => window.probe.signUp(who), person);

    for (const { transport, requests } of TRANSPORTS) {
      const asked = page.waitForRequest((request) => request.url().includes('user.me'));
      expect(await page.evaluate(() => window.probe.ask(1, 'single'))).toEqual([person.username]);
      const { authorization = '' } = (await asked).headers();
      await untilExpired(`${server.url}/api/trpc/user.me`, authorization);

      const calls = recordApiCalls(page);
      const answers = await page.evaluate((how) => window.probe.ask(20, how), transport);
      expect(answers).toEqual(Array.from({ length: 20 }, () => person.username));
      expect(await calls.to('auth.refresh')).toEqual([{ procedures: ['auth.refresh'], status: 200 }]);

      const statuses = (await calls.to('user.me')).map(({ status }) => status);
      const refused = statuses.filter((status) => status === 401).length;
      if (finder === 'server') expect(refused).toBe(requests);
      expect(statuses.filter((status) => status === 200)).toHaveLength(requests);
      expect(await calls.all()).toHaveLength(1 + refused + requests);
    }
  });
}
