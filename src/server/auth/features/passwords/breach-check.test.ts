import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Store } from 'latchkey/server';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createStore } from '#server/database/index.ts';
import { createTestAuth, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { breachCheckUrlProblem } from '../../env/breach-check-url.ts';
import { reasonOf } from '../../refusal.ts';

const BREACHED = 'seven purple lighthouses';
const PADDED = 'nine green lighthouses';

const hashOf = (password: string): string => createHash('sha1').update(password).digest('hex').toUpperCase();

/** A list as Have I Been Pwned answers it: with Windows line ends, and padding that was seen 0 times. */
const asked: string[] = [];
let answer: 'list' | 'failure' | 'nothing' = 'list';
const list = createServer((request, response) => {
  asked.push(request.url ?? '');
  if (answer === 'nothing') return;
  if (answer === 'failure') {
    response.writeHead(503).end();
    return;
  }
  const prefix = request.url?.slice('/range/'.length) ?? '';
  const lines = [BREACHED, PADDED]
    .filter((password) => hashOf(password).startsWith(prefix))
    .map((password) => `${hashOf(password).slice(5)}:${password === PADDED ? 0 : 12}`);
  response.end(['0'.repeat(35).concat(':3'), ...lines].join('\r\n'));
});

let store: Store;
let kit: TestAuth;
let url: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => list.listen(0, '127.0.0.1', resolve));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
  url = `http://127.0.0.1:${(list.address() as AddressInfo).port}/range/`;
  store = createStore({ dataDir: 'memory:', poolSize: 1 });
  kit = await createTestAuth(
    { database: store },
    { breachCheckUrl: url, appName: 'Harbour', refusedWords: ['Quayside'] },
  );
});
afterEach(() => {
  answer = 'list';
  asked.length = 0;
  kit.events.length = 0;
});
afterAll(async () => {
  await kit.stop();
  await store.close();
  list.closeAllConnections();
  list.close();
});

let people = 0;
const register = (browser: TestBrowser, password: string) => {
  people += 1;
  const username = `ada_${people}`;
  return browser.call().auth.register({ username, email: `${username}@mail.example`, password });
};

const reasonFrom = (call: Promise<unknown>): Promise<string | undefined> =>
  call.then(
    () => undefined,
    (error: unknown) => reasonOf(error),
  );

test('a breached password is refused at a sign-up and at a change, and only five digits of its hash are sent', async () => {
  const browser = kit.openBrowser();
  expect(await reasonFrom(register(browser, BREACHED))).toBe('password_breached');
  expect(asked).toEqual([`/range/${hashOf(BREACHED).slice(0, 5)}`]);

  await register(browser, PADDED);
  await browser.refresh();
  const change = { currentPassword: PADDED, newPassword: BREACHED };
  expect(await reasonFrom(browser.call().auth.changePassword(change))).toBe('password_breached');
});

test.each(['failure', 'nothing'] as const)('a list that answers %s stops nobody, and is reported', async (how) => {
  answer = how;
  const registering = register(kit.openBrowser(), BREACHED);
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  kit.clock.advance(1000);
  await registering;
  expect(kit.events.map(({ event }) => event)).toContain('breach_check.failed');
  expect(JSON.stringify(kit.events)).not.toContain(hashOf(BREACHED).slice(0, 5));
});

test('what is refused anyway is looked up nowhere, and the app’s name and words are no passwords', async () => {
  for (const password of ['harbour-2026!', 'Quayside-2026!', '1-quayside-harbour']) {
    expect(await reasonFrom(register(kit.openBrowser(), password))).toBe('password_too_common');
  }
  expect(asked).toEqual([]);
});

test.each([
  ['https://api.pwnedpasswords.com/range', undefined],
  ['http://localhost:8080/range', undefined],
  ['http://passwords.example/range', /over http anyone/],
  ['https://passwords.example/range?key=1', /must be as in/],
  ['passwords.example', /must be as in/],
])('the address %s of a list is judged', (address, problem) => {
  if (problem === undefined) expect(breachCheckUrlProblem(address)).toBeUndefined();
  else expect(breachCheckUrlProblem(address)).toMatch(problem);
});
