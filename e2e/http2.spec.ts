import type { BrowserContext } from '@playwright/test';
import { recordApiCalls } from './support/api-calls.ts';
import { type Http2Proxy, startHttp2Proxy } from './support/http2-proxy.ts';
import { addNote, noteOf } from './support/notes.ts';
import { expectSignedIn, signUp, somebody } from './support/person.ts';
import { openProbe } from './support/probe.ts';
import { openTabs } from './support/tabs.ts';
import { test as base, expect } from './support/test.ts';

const test = base.extend<{ front: Http2Proxy; visitor: BrowserContext }>({
  /** With the built server behind it. */
  front: async ({ newServer }, use) => {
    const front = await startHttp2Proxy();
    const { url } = await newServer({ env: { PUBLIC_URL: front.url, TRUST_PROXY: '1' } });
    front.forwardTo(url.replace('localhost', '127.0.0.1'));
    await use(front);
    await front.close();
  },
  visitor: async ({ newVisitor }, use) => {
    await use(await newVisitor({ ignoreHTTPSErrors: true }));
  },
});

test('behind a proxy with TLS and HTTP/2 the cookies have their prefix, and a reload and a sign-out do what they do', async ({
  visitor,
  front,
}) => {
  const page = await visitor.newPage();
  const person = await signUp(page, front.url);
  const cookies = await visitor.cookies(front.url);
  expect(cookies.map(({ name }) => name).toSorted()).toEqual([
    '__Host-device',
    '__Host-fresh',
    '__Host-refresh',
    '__Host-session_hint',
  ]);
  for (const cookie of cookies) expect(cookie).toMatchObject({ secure: true, sameSite: 'Strict', path: '/' });

  await page.reload();
  await expectSignedIn(page, person);
  expect(
    await page.evaluate(() => performance.getEntriesByType('navigation').map((entry) => JSON.stringify(entry))),
  ).toEqual([expect.stringContaining('"nextHopProtocol":"h2"')]);

  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect.poll(async () => (await visitor.cookies(front.url)).map(({ name }) => name)).toEqual(['__Host-device']);
});

test('over HTTP/2 a batch of 20 is one request', async ({ visitor, front }) => {
  const page = await visitor.newPage();
  const person = somebody();
  await openProbe(page, front.url);
  await page.evaluate((who) => window.probe.signUp(who), person);
  const calls = recordApiCalls(page);
  expect(await page.evaluate(() => window.probe.ask(20, 'batch'))).toEqual(Array(20).fill(person.username));
  expect((await calls.all()).map(({ procedures, status }) => [procedures.length, status])).toEqual([[20, 200]]);
});

test('over HTTP/2 eight windows are live side by side, each with a stream that nobody takes away', async ({
  visitor,
  front,
}) => {
  test.slow();
  const streams: string[] = [];
  visitor.on('request', (request) => {
    if (request.url().includes('/notes.onChange')) streams.push(request.url());
  });
  const first = await visitor.newPage();
  await signUp(first, front.url);
  const tabs = [first, ...(await openTabs(visitor, 7, front.url))];
  const texts: string[] = [];
  for (const [index, tab] of tabs.entries()) {
    const text = `from window ${index + 1}.`;
    await tab.bringToFront();
    await addNote(tab, text);
    texts.push(text);
  }
  for (const tab of tabs) for (const text of texts) await expect(noteOf(tab, text)).toHaveCount(1);
  expect(streams).toHaveLength(tabs.length);
});
