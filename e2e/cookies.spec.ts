import { request as httpRequest } from 'node:http';
import type { Page, Request } from '@playwright/test';
import { cookieNames } from 'latchkey/shared';
import { openOtherSite } from './support/other-site.ts';
import { arriveNew, expectSignedIn, register } from './support/person.ts';
import { expect, test } from './support/test.ts';

test.use({ expectedComplaints: /CORS policy|frame-ancestors|ERR_BLOCKED|status of 40|NotSameOrigin/ });

const cookieHeaderOf = async (request: Request): Promise<string> => (await request.allHeaders()).cookie ?? '';

const refreshOf = async (page: Page, url: string) =>
  (await page.context().cookies(url)).filter(({ name }) => name.endsWith('refresh'));

test('script sees of all cookies the hint alone, and can neither change nor shadow the others', async ({
  page,
  server,
}) => {
  const person = await arriveNew(page);
  const before = await refreshOf(page, server.url);
  const { refresh, hint, device } = cookieNames(new URL(server.url));
  const seen = await page.evaluate(
    async (names) => {
      for (const name of names) {
        document.cookie = `${name}=planted; path=/`;
        document.cookie = `${name}=planted; path=/; max-age=0`;
      }
      return document.cookie.split('; ').map((pair) => pair.split('=')[0]);
    },
    [refresh, device],
  );
  expect(seen).toEqual([hint]);
  expect(await refreshOf(page, server.url)).toEqual(before);
  await page.reload();
  await expectSignedIn(page, person);
});

test('two servers on two ports of a host do not end each other’s sessions', async ({
  page,
  context,
  server,
  newServer,
}) => {
  const other = await newServer();
  const here = await arriveNew(page);
  const tab = await context.newPage();
  const there = await arriveNew(tab, other.url);
  for (const [one, person] of [
    [page, here],
    [tab, there],
  ] as const) {
    await one.reload();
    await expectSignedIn(one, person);
  }
  await tab.getByRole('button', { name: 'Sign out' }).click();
  await expect(tab.getByRole('link', { name: /sign in/i }).first()).toBeVisible();
  await page.reload();
  await expectSignedIn(page, here);
  const names = (await context.cookies()).map(({ name }) => name);
  const { refresh, hint, fresh, device } = cookieNames(new URL(server.url));
  expect(names.toSorted()).toEqual([refresh, hint, fresh, device, cookieNames(new URL(other.url)).device].toSorted());
});

test('a link on another site opens the app without its cookies, and the page then signs itself in', async ({
  page,
  context,
  server,
}) => {
  const person = await register(context);
  const site = await openOtherSite();
  site.show(`<!doctype html><link rel="icon" href="data:,"><a href="${server.url}/">Win</a>`);
  await page.goto(site.urlAt('127.0.0.1'));
  const [followed] = await Promise.all([page.waitForRequest(`${server.url}/`), page.getByRole('link').click()]);
  expect(await cookieHeaderOf(followed)).toBe('');
  await expectSignedIn(page, person);
  site.close();
});

test('another site’s images, frames, scripts and fetches carry no cookie', async ({ page, context, server }) => {
  const person = await register(context);
  const site = await openOtherSite();
  const target = `${server.url}/api/trpc/user.me`;
  site.show(`<!doctype html><link rel="icon" href="data:,"><title>prizes</title>
    <img src="${target}?img"><script src="${target}?script"></script><link rel="stylesheet" href="${target}?style">
    <form method="get" action="${target}" target="sink"><input name="form" value="1"></form><iframe name="sink"></iframe>
    <script>
      document.forms[0].submit();
      const quiet = () => undefined;
      Promise.all([
        fetch('${target}?cors', { credentials: 'include' }).catch(quiet),
        fetch('${target}?no-cors', { credentials: 'include', mode: 'no-cors' }).catch(quiet),
      ]).then(() => { document.title = 'done'; });
    </script>`);
  const sent: Request[] = [];
  page.on('request', (request) => {
    if (request.url().startsWith(target)) sent.push(request);
  });
  await page.goto(site.urlAt('127.0.0.1'));
  await expect(page).toHaveTitle('done');
  await expect.poll(() => sent.length).toBeGreaterThanOrEqual(6);
  for (const request of sent) expect([request.url(), await cookieHeaderOf(request)]).toEqual([request.url(), '']);
  site.close();
  await page.goto('/');
  await expectSignedIn(page, person);
});

/** Stands where TLS ends: the page of this origin is to the server the one at `PUBLIC_URL`. */
const openFront = (backend: string, publicUrl: string) =>
  openOtherSite((req, res) => {
    const { hostname, port } = new URL(backend);
    const headers = { ...req.headers, ...(req.headers.origin !== undefined && { origin: publicUrl }) };
    const onward = httpRequest({ hostname, port, method: req.method, path: req.url, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 500, answer.rawHeaders);
      answer.pipe(res);
    });
    onward.on('error', () => res.destroy());
    req.pipe(onward);
  });

const call = (page: Page, procedure: string, input?: object): Promise<number> =>
  page.evaluate(
    async ([path, body]) => {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, ...(body && { body }) };
      return (await fetch(`/api/trpc/${path}`, init)).status;
    },
    [procedure, input === undefined ? '' : JSON.stringify(input)] as const,
  );

test('a sibling domain cannot put a cookie of its own in the place of one with the __Host- prefix', async ({
  context,
  newServer,
}) => {
  const publicUrl = 'https://app.team.example';
  const server = await newServer({ env: { PUBLIC_URL: publicUrl, RATE_LIMIT: 'on' } });
  const front = await openFront(server.url, publicUrl);
  const sibling = await openOtherSite();
  const url = front.urlAt('app.team.localhost');

  const page = await context.newPage();
  await page.goto(`${url}favicon.svg`);
  expect(
    await call(page, 'auth.register', {
      username: 'ada',
      email: 'ada@mail.example',
      password: 'long enough for anybody',
    }),
  ).toBe(200);
  const [before, ...none] = await refreshOf(page, url);
  expect(before).toMatchObject({
    name: '__Host-refresh',
    httpOnly: true,
    secure: true,
    sameSite: 'Strict',
    path: '/',
    domain: 'app.team.localhost',
  });
  expect(none).toEqual([]);

  const tossed = [
    'Domain=team.localhost',
    'Domain=team.localhost; Path=/api/trpc',
    'Domain=.team.localhost; Path=/api/trpc/auth.refresh',
  ];
  sibling.setCookies(
    ...['__Host-refresh', '__Host-device', '__Host-session_hint'].flatMap((name) =>
      tossed.map((where) => `${name}=tossed; Secure; Path=/; ${where}`),
    ),
    'plain=tossed; Path=/; Domain=team.localhost',
  );
  const tab = await context.newPage();
  await tab.goto(sibling.urlAt('evil.team.localhost'));
  await tab.evaluate((places) => {
    for (const place of places) document.cookie = `__Host-refresh=tossed; Secure; Path=/; ${place}`;
  }, tossed);

  const values = (await context.cookies(`${url}api/trpc/auth.refresh`)).map(({ name, value }) => `${name}=${value}`);
  // That one of another name gets through tells that the others were refused for theirs.
  expect(values.filter((pair) => pair.endsWith('=tossed'))).toEqual(['plain=tossed']);
  const refresh = page.waitForRequest('**/auth.refresh');
  expect(await call(page, 'auth.refresh')).toBe(200);
  expect((await cookieHeaderOf(await refresh)).match(/__Host-refresh=/g)).toHaveLength(1);
  for (const site of [front, sibling]) site.close();
});
