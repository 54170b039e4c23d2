import { cookieNames } from 'latchkey/shared';
import { arriveNew, register, signUp } from './support/person.ts';
import { refreshCookie } from './support/refresh-cookie.ts';
import { expect, test } from './support/test.ts';

const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g;

test('nothing of a session is in reach of script but the hint cookie', async ({ page, server }) => {
  await arriveNew(page);

  const kept = await page.evaluate(async () => ({
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    databases: await indexedDB.databases(),
    caches: await caches.keys(),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    cookies: document.cookie.split('; ').map((pair) => pair.split('=')[0]),
    history: JSON.stringify(history.state),
  }));
  expect(kept).toMatchObject({
    local: [],
    session: [],
    databases: [],
    caches: [],
    workers: 0,
    cookies: [cookieNames(new URL(server.url)).hint],
  });
  expect(kept.history).not.toMatch(TOKEN);
});

test('the cookies are HttpOnly, strict and for this host alone, but for the hint that script reads', async ({
  context,
  server,
}) => {
  await register(context);
  const { refresh, hint, device, fresh } = cookieNames(new URL(server.url));
  const cookies = await context.cookies();
  expect(
    cookies.map(({ name, httpOnly, sameSite, path, domain }) => ({ name, httpOnly, sameSite, path, domain })),
  ).toEqual(
    expect.arrayContaining([
      { name: refresh, httpOnly: true, sameSite: 'Strict', path: '/', domain: 'localhost' },
      { name: hint, httpOnly: false, sameSite: 'Strict', path: '/', domain: 'localhost' },
      { name: device, httpOnly: true, sameSite: 'Strict', path: '/', domain: 'localhost' },
      { name: fresh, httpOnly: true, sameSite: 'Strict', path: '/', domain: 'localhost' },
    ]),
  );
  expect(cookies).toHaveLength(4);
});

test('the refresh token is in no body, no address and no page, in all of a session', async ({
  page,
  context,
  server,
}) => {
  const bodies: string[] = [];
  const addresses: string[] = [];
  const reading: Promise<unknown>[] = [];
  page.on('response', (response) => {
    addresses.push(response.url());
    const { pathname } = new URL(response.url());
    const isStream = response.headers()['content-type']?.startsWith('text/event-stream'); // it never ends
    if (pathname.startsWith('/api/') && !isStream) reading.push(response.text().then((body) => bodies.push(body)));
  });
  /** The browser forgets the bodies of a page that is left. */
  const answered = async (procedure: string, act: () => Promise<unknown>): Promise<void> => {
    await Promise.all([page.waitForResponse(`**/api/trpc/*${procedure}*`), act()]);
    await Promise.all(reading);
  };
  const refreshTokens = new Set<string>();
  const note = async (): Promise<void> => {
    const value = await refreshCookie(context, server.url);
    if (value) refreshTokens.add(value);
  };

  await answered('notes.list', () => signUp(page));
  await note();
  await answered('notes.list', () => page.reload());
  await note();
  await answered('sessions.list', () => page.goto('/account/sessions'));
  await expect(page.getByText('This device')).toBeVisible();
  await note();
  const html = await page.content();
  await answered('auth.logout', () => page.getByRole('button', { name: 'Sign out' }).click());

  expect(refreshTokens.size).toBeGreaterThan(0);
  const secrets = [...refreshTokens].flatMap((token) => [token, token.split('.')[2] ?? token]);
  expect(bodies.length).toBeGreaterThan(3);
  for (const secret of secrets) {
    for (const text of [...bodies, ...addresses, html]) expect(text).not.toContain(secret);
  }
  for (const text of [...addresses, html]) expect(text).not.toMatch(TOKEN);
});

test('answers with tokens or user data are kept by no cache', async ({ page }) => {
  const policies: (string | undefined)[] = [];
  page.on('response', (response) => {
    if (new URL(response.url()).pathname.startsWith('/api/')) policies.push(response.headers()['cache-control']);
  });
  await signUp(page);
  await page.reload();
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
  expect(policies.length).toBeGreaterThan(1);
  expect(policies.filter((policy) => !policy?.includes('no-store'))).toEqual([]);
});
