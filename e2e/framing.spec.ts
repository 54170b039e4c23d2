import type { Response } from '@playwright/test';
import { openOtherSite } from './support/other-site.ts';
import { expectSignedIn, register } from './support/person.ts';
import { expect, test } from './support/test.ts';

test.use({ expectedComplaints: /frame-ancestors|X-Frame-Options|Refused to (?:display|frame|load)|Framing '/ });

const frameOf = (url: string): string => `<iframe id="frame" src="${url}" width="600" height="400"></iframe>`;

const WAYS: readonly ((url: string) => string)[] = [
  frameOf,
  (url) => `<iframe sandbox="allow-scripts allow-same-origin" src="${url}"></iframe>`,
  (url) => `<object data="${url}" type="text/html" width="600" height="400"></object>`,
  (url) => `<embed src="${url}" type="text/html" width="600" height="400">`,
];

/** Another site, and another port of the same host, which is another origin of the same site. */
for (const host of ['127.0.0.1', 'localhost']) {
  test(`no page of another origin (${host}) shows the app in a frame, an object or an embed`, async ({
    page,
    context,
    server,
  }) => {
    const person = await register(context);
    const site = await openOtherSite();
    for (const path of ['/', '/sign-in', '/account/sessions']) {
      const url = `${server.url}${path}`;
      const refused: Response[] = [];
      const collect = (response: Response): void => {
        if (response.url() === url) refused.push(response);
      };
      page.on('response', collect);
      site.show(
        `<!doctype html><link rel="icon" href="data:,"><title>prizes</title>${WAYS.map((way) => way(url)).join('')}`,
      );
      await page.goto(site.urlAt(host));
      // The browser asks for the page, and then keeps it to itself.
      await expect.poll(() => refused.length).toBe(WAYS.length);
      page.off('response', collect);
      for (const response of refused) {
        expect(response.headers()['content-security-policy']).toContain("frame-ancestors 'none'");
      }
      for (const frame of page.frames().slice(1)) {
        await expect.poll(() => frame.isDetached() || !frame.url().startsWith(server.url)).toBe(true);
      }
    }
    site.close();
    await page.goto('/');
    await expectSignedIn(page, person);
  });
}

test('a page that the app did not forbid is shown in such a frame', async ({ context, server }) => {
  const site = await openOtherSite();
  const tab = await context.newPage();
  site.show(`<!doctype html><link rel="icon" href="data:,">${frameOf('/inner')}`);
  await tab.route('**/inner', (route) => route.fulfill({ contentType: 'text/html', body: '<button>Sign in</button>' }));
  await tab.goto(site.urlAt('127.0.0.1'));
  await expect(tab.frameLocator('#frame').getByRole('button')).toHaveCount(1);
  expect(server.url).not.toBe(site.urlAt('127.0.0.1'));
  site.close();
});
