import { openOtherSite } from './support/other-site.ts';
import { expectSignedIn, register } from './support/person.ts';
import { expect, test } from './support/test.ts';

// 404: a browser that is shown a refusal as a page looks for the icon beside it.
test.use({ expectedComplaints: /has been blocked by CORS policy|status of 404/ });

const FORM_TYPES = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];

/**
 * A page of another site. `127.0.0.1` and `localhost` are two sites to the browser; another port of `localhost` is
 * another origin of the same site, whose requests carry the strict cookies.
 */
const attackerPage = (target: string, enctype: string): string => `
  <!doctype html><title>prizes</title>
  <form method="post" action="${target}" enctype="${enctype}"><input name='{"json":null,"x":"' value='"}'></form>
  <script>document.forms[0].submit()</script>`;

const attackerScript = (target: string): string => `
  <!doctype html><title>prizes</title>
  <script>
    const send = (init) => fetch(${JSON.stringify(target)}, { method: 'POST', credentials: 'include', ...init }).catch(() => 'blocked');
    Promise.all([
      send({}),
      send({ mode: 'no-cors', body: '{}', headers: { 'content-type': 'text/plain' } }),
      send({ body: '{}', headers: { 'content-type': 'application/json' } }),
      send({ body: '{}', headers: { 'content-type': 'application/json', 'x-latchkey': '1' } }),
      new Promise((resolve) => resolve(navigator.sendBeacon(${JSON.stringify(target)}, '{}'))),
    ]).then(() => { document.title = 'done'; });
  </script>`;

for (const host of ['127.0.0.1', 'localhost']) {
  test(`a page on another origin (${host}) does nothing for its visitors: it neither signs them out or in, nor refreshes`, async ({
    page,
    context,
    server,
  }) => {
    const person = await register(context);
    const before = await context.cookies(server.url);

    const attacker = await openOtherSite();
    const attackerUrl = attacker.urlAt(host);
    for (const procedure of ['auth.logout', 'auth.refresh', 'auth.login', 'auth.register', 'sessions.revokeOthers']) {
      const target = `${server.url}/api/trpc/${procedure}`;
      for (const enctype of FORM_TYPES) {
        attacker.show(attackerPage(target, enctype));
        const answered = page.waitForResponse(target);
        await page.goto(attackerUrl);
        expect((await answered).status()).toBe(403);
      }
      attacker.show(attackerScript(target));
      await page.goto(attackerUrl);
      await expect(page).toHaveTitle('done');
    }
    attacker.close();

    expect(await context.cookies(server.url)).toEqual(before);
    await page.goto('/');
    await expectSignedIn(page, person);
  });
}
