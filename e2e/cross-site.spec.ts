import { once } from 'node:events';
import { createServer } from 'node:http';
import { expectSignedIn, signUp } from './support/person.ts';
import { expect, test } from './support/test.ts';

// 404: a browser that is shown a refusal as a page looks for the icon beside it.
test.use({ expectedComplaints: /has been blocked by CORS policy|status of 404/ });

const FORM_TYPES = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];

/**
 * A page of another site. `127.0.0.1` and `localhost` are two sites to the browser; another port of `localhost` is another
 * origin of the same site, whose requests carry the strict cookies.
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
  test(`a page on another origin (${host}) neither signs its visitors out nor refreshes for them`, async ({
    page,
    context,
    server,
  }) => {
    const person = await signUp(page);
    const before = await context.cookies(server.url);

    let html = '';
    const attacker = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html').end(html);
    }).listen(0, '127.0.0.1');
    await once(attacker, 'listening');
    const address = attacker.address();
    if (address === null || typeof address === 'string') throw new Error('The attacker has no port.');
    const attackerUrl = `http://${host}:${address.port}/`;

    const tab = await context.newPage();
    for (const procedure of ['auth.logout', 'auth.refresh']) {
      const target = `${server.url}/api/trpc/${procedure}`;
      for (const enctype of FORM_TYPES) {
        html = attackerPage(target, enctype);
        const answered = tab.waitForResponse(target);
        await tab.goto(attackerUrl);
        expect((await answered).status()).toBe(403);
      }
      html = attackerScript(target);
      await tab.goto(attackerUrl);
      await expect(tab).toHaveTitle('done');
    }
    attacker.close();
    attacker.closeAllConnections();

    expect(await context.cookies(server.url)).toEqual(before);
    await page.reload();
    await expectSignedIn(page, person);
  });
}
