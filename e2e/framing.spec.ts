import { openOtherSite } from './support/other-site.ts';
import { expectSignedIn, signUp } from './support/person.ts';
import { expect, test } from './support/test.ts';

test.use({ expectedComplaints: /frame-ancestors|X-Frame-Options|Refused to (?:display|frame|load)|Framing '/ });

const frameOf = (url: string): string => `<iframe id="frame" src="${url}" width="600" height="400"></iframe>`;

/** Another site, and another port of the same host, which is another origin of the same site. */
for (const host of ['127.0.0.1', 'localhost']) {
  for (const [how, html] of [
    ['a frame', frameOf],
    [
      'a sandboxed frame',
      (url: string) => `<iframe id="frame" sandbox="allow-scripts allow-same-origin" src="${url}"></iframe>`,
    ],
    [
      'an object',
      (url: string) => `<object id="frame" data="${url}" type="text/html" width="600" height="400"></object>`,
    ],
    ['an embed', (url: string) => `<embed id="frame" src="${url}" type="text/html" width="600" height="400">`],
  ] as const) {
    test(`no page of another origin (${host}) shows the app in ${how}`, async ({ page, context, server }) => {
      const person = await signUp(page);
      const site = await openOtherSite();
      const tab = await context.newPage();
      for (const path of ['/', '/sign-in', '/account/sessions']) {
        site.show(`<!doctype html><link rel="icon" href="data:,"><title>prizes</title>${html(`${server.url}${path}`)}`);
        const refused = tab.waitForResponse(`${server.url}${path}`);
        await tab.goto(site.urlAt(host));
        // The browser asks for the page, and then keeps it to itself.
        expect((await refused).headers()['content-security-policy']).toContain("frame-ancestors 'none'");
        for (const frame of tab.frames().slice(1)) {
          await expect.poll(() => frame.isDetached() || !frame.url().startsWith(server.url)).toBe(true);
        }
      }
      site.close();
      await page.reload();
      await expectSignedIn(page, person);
    });
  }
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
