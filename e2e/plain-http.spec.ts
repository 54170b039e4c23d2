import { request } from 'node:http';
import { CHROMIUM_ARGS } from '../src/testing/chromium.ts';
import { addNote, noteOf } from './support/notes.ts';
import { openOtherSite } from './support/other-site.ts';
import { expectSignedIn, signUp } from './support/person.ts';
import { expect, test } from './support/test.ts';

/** A name of this machine that the browser does not know for one: what comes from it over http is no secure context. */
const HOST = 'box.lan.test';

test.use({
  // Chromium says which headers count over https alone.
  expectedComplaints: /origin was untrustworthy|could not be origin-keyed/,
  launchOptions: {
    ...(process.env.CHROMIUM_PATH !== undefined && { executablePath: process.env.CHROMIUM_PATH }),
    args: [...CHROMIUM_ARGS, `--host-resolver-rules=MAP ${HOST} 127.0.0.1`],
  },
});

test('a page over plain http from another machine signs in, adds notes, and stays signed in', async ({
  page,
  newServer,
}) => {
  let backend = '';
  // What the server is told of the address, since production takes no plain http but on this machine.
  let own = '';
  const site = await openOtherSite((req, res) => {
    const headers = { ...req.headers, ...(req.headers.origin !== undefined && { origin: own }) };
    const forwarded = request(`${backend}${req.url}`, { method: req.method, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    forwarded.on('error', () => res.destroy());
    res.on('close', () => forwarded.destroy());
    req.pipe(forwarded);
  });
  own = site.urlAt('localhost').replace(/\/$/, '');
  const server = await newServer({ env: { PUBLIC_URL: own } });
  backend = server.url.replace('localhost', '127.0.0.1');

  const person = await signUp(page, site.urlAt(HOST).replace(/\/$/, ''));
  expect(await page.evaluate(() => [isSecureContext, 'randomUUID' in crypto, 'locks' in navigator])).toEqual([
    false,
    false,
    false,
  ]);
  await addNote(page, 'written over plain http');
  await page.reload();
  await expectSignedIn(page, person);
  await expect(noteOf(page, 'written over plain http')).toBeVisible();
  site.close();
});

test('who signs in with a browser that keeps no cookies is told so', async ({ page }) => {
  await page.route('**/api/trpc/auth.*', async (route) => {
    const response = await route.fetch();
    const headers = response.headers();
    delete headers['set-cookie'];
    await page.context().clearCookies();
    await route.fulfill({ response, headers });
  });
  await signUp(page);
  await page.context().clearCookies();
  await expect(page.getByRole('alert')).toContainText('does not keep cookies');
});

test('who opened the app at another address is told the right one', async ({ page, server }) => {
  const other = server.url.replace('localhost', '127.0.0.1');
  await page.goto(`${other}/sign-in`);
  await page.getByLabel('Username or e-mail').fill('ada');
  await page.getByLabel('Password', { exact: true }).fill('long enough to be one');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText(`its own address, ${server.url},`);
});
