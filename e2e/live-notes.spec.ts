import type { Page, Request } from '@playwright/test';
import { addNote, deleteNote, noteOf } from './support/notes.ts';
import { arriveAs, arriveNew, signIn } from './support/person.ts';
import { BROWSERS, hastenTurns, letPagesHide, openTabs, setVisibility, takeAway } from './support/tabs.ts';
import { expect, test } from './support/test.ts';

const isStream = (request: Request): boolean => request.url().includes('/notes.onChange');

/** The connections that a page makes for its live notes, as they come. */
const recordStreams = (page: Page): Request[] => {
  const streams: Request[] = [];
  page.on('request', (request) => {
    if (isStream(request)) streams.push(request);
  });
  return streams;
};

/** Whether each of the notes stands in the list, once. */
const expectEach = async (page: Page, texts: readonly string[], { timeout = 10_000 } = {}): Promise<void> => {
  for (const text of texts) await expect(noteOf(page, text)).toHaveCount(1, { timeout });
  await expect(page.getByRole('main').getByRole('listitem')).toHaveCount(texts.length);
};

test('what is written and deleted in one browser shows in another one at once, both ways', async ({
  page,
  newVisitor,
}) => {
  const person = await arriveNew(page);
  const other = await (await newVisitor()).newPage();
  await arriveAs(other, person);
  await addNote(page, 'from here.');
  await expect(noteOf(other, 'from here.')).toBeVisible();
  await addNote(other, 'from there.');
  await expect(noteOf(page, 'from there.')).toBeVisible();
  await deleteNote(other, 'from here.');
  await expect(noteOf(page, 'from here.')).toHaveCount(0);
  await expectEach(page, ['from there.']);
});

test('through tokens that expire no note is lost and none comes twice, and no token is in a URL', async ({
  page,
  newVisitor,
  newServer,
}) => {
  test.slow();
  const server = await newServer({ env: { ACCESS_TOKEN_TTL: '2' } });
  const person = await arriveNew(page, server.url);
  const reader = await (await newVisitor()).newPage();
  const urls: string[] = [];
  reader.on('request', (request) => urls.push(request.url()));
  const streams = recordStreams(reader);
  await arriveAs(reader, person, server.url);

  const texts: string[] = [];
  for (let connections = 1; connections <= 3; connections += 1) {
    await expect.poll(() => streams.length).toBeGreaterThanOrEqual(connections);
    for (const half of ['first', 'second']) {
      const text = `${half} note over connection ${connections}.`;
      await addNote(page, text);
      texts.push(text);
    }
  }
  await expectEach(reader, texts);
  const tokens = await Promise.all(streams.map(async (stream) => (await stream.allHeaders()).authorization ?? ''));
  expect(new Set(tokens).size).toBe(streams.length);
  for (const token of tokens) {
    const value = token.replace('Bearer ', '');
    expect(value).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    for (const url of urls) expect(url).not.toContain(value);
  }
});

test('over a restart of the server no note is lost and none comes twice', async ({ page, newVisitor, newServer }) => {
  test.slow();
  const server = await newServer();
  const person = await arriveNew(page, server.url);
  const reader = await (await newVisitor()).newPage();
  await arriveAs(reader, person, server.url);
  await addNote(page, 'before.');
  await expect(noteOf(reader, 'before.')).toBeVisible();

  const streams = recordStreams(reader);
  await server.kill();
  await expect.poll(() => streams.length).toBeGreaterThan(0); // it tries again, and again
  await server.start();
  await addNote(page, 'after.');
  await expect(noteOf(reader, 'after.')).toBeVisible();
  await addNote(page, 'live again.');
  await expectEach(reader, ['before.', 'after.', 'live again.']);
});

test('a sign-out ends every stream of the session on the server, whatever tab holds its token', async ({
  page,
  server,
}) => {
  const opened = page.waitForRequest(isStream);
  await arriveNew(page);
  const { authorization = '' } = await (await opened).allHeaders();
  const stream = await fetch(`${server.url}/api/trpc/notes.onChange`, {
    headers: { authorization, accept: 'text/event-stream' },
  });
  expect(stream.headers.get('content-type')).toContain('text/event-stream');
  const ended = stream.text();
  await page.getByRole('button', { name: 'Sign out' }).click();
  expect(await ended).toContain('"reason":"session_revoked"');
});

/** Without locks a window waits for its stream to have a turn, and as long again for the list it then fetches. */
const PATIENT = { timeout: 45_000 };

for (const { name, lacks } of BROWSERS) {
  test(`eight windows that all are seen are live over HTTP/1.1, and each can write (${name})`, async ({
    page,
    context,
  }) => {
    test.setTimeout(180_000);
    await takeAway(context, lacks);
    await hastenTurns(context);
    await arriveNew(page);
    const tabs = [page, ...(await openTabs(context, 7, '/'))];
    const texts: string[] = [];
    for (const [index, tab] of tabs.entries()) {
      const text = `from window ${index + 1}.`;
      await tab.bringToFront();
      await addNote(tab, text, PATIENT);
      texts.push(text);
    }
    for (const tab of tabs) await expectEach(tab, texts, PATIENT);
  });
}

test('a hidden tab closes its stream, and catches up when it is seen', async ({ page, context }) => {
  await letPagesHide(context);
  const opened = page.waitForRequest(isStream);
  await arriveNew(page);
  const stream = await opened;
  await expect.poll(async () => (await stream.response())?.status()).toBe(200);
  await addNote(page, 'seen by both.');

  const closed = page.waitForEvent('requestfailed', isStream);
  await setVisibility(page, 'hidden');
  await closed;
  const [other] = await openTabs(context, 1, '/');
  if (other === undefined) throw new Error('There is no other tab.');
  await addNote(other, 'written meanwhile.');
  await setVisibility(page, 'visible');
  await expectEach(page, ['seen by both.', 'written meanwhile.']);
});

test('another user’s changes are never shown, and their page is live after a switch', async ({ page, newVisitor }) => {
  const elsewhere = await (await newVisitor()).newPage();
  const grace = await arriveNew(elsewhere);
  await arriveNew(page);
  await addNote(elsewhere, 'of Grace.');
  await addNote(page, 'of Ada.');
  await expectEach(page, ['of Ada.']);

  await page.getByRole('button', { name: 'Sign out' }).click();
  await signIn(page, grace);
  await expectEach(page, ['of Grace.']);
  await addNote(elsewhere, 'live.');
  await expectEach(page, ['of Grace.', 'live.']);
});
