import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { createTestSecret } from '#testing/auth.ts';
import { freePort } from '#testing/free-port.ts';
import { ensureNginx, startNginx } from '#testing/nginx.ts';
import { endServerChildren, type ServerChild, startServerChild } from '#testing/server-child.ts';
import { createTestDatabase } from '#testing/test-database.ts';
import { createBrowser } from './browser.ts';

const TIMEOUT = 180_000;
const REQUESTS = 2_000;
const WORKERS = 8;

// It may have to be installed, on a machine that has none.
beforeAll(() => void ensureNginx(), 5 * TIMEOUT);

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  await endServerChildren();
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** The settings of nginx that docs/deploy.md gives, with these addresses in place of those that stand there. */
const documentedNginx = (port: number, processes: readonly number[]): string => {
  const page = readFileSync('docs/deploy.md', 'utf8');
  const [one = '', several = ''] = [...page.matchAll(/^```nginx\n([^]*?)^```/gm)].map(([, block = '']) => block);
  const [location] = /^ {2}location \/ \{[^]*?^ {2}\}/m.exec(one) ?? [];
  const left = [...processes];
  const upstream = several.replace(/10\.0\.0\.\d:3000/g, () => `127.0.0.1:${left.shift()}`);
  if (location === undefined || left.length > 0) throw new Error('The page has other settings than expected.');
  return `${upstream}\nserver { listen 127.0.0.1:${port}; ${location} }`;
};

const isReady = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );

test(
  'one of two processes restarts behind the nginx of the documentation, under load, and not one call fails',
  async () => {
    const database = await createTestDatabase();
    cleanUps.push(database.drop);
    const [port, first, second] = [await freePort(), await freePort(), await freePort()];
    const origin = `http://127.0.0.1:${port}`;
    const env = {
      MODE: 'production',
      DATABASE_URL: database.url,
      DATABASE_POOL_SIZE: '4',
      HOST: '127.0.0.1',
      PUBLIC_URL: origin,
      TRUST_PROXY: '1',
      LOG_LEVEL: 'error',
      ACCESS_TOKEN_SECRET: createTestSecret(),
      REFRESH_TOKEN_SECRET: createTestSecret(),
      DATA_SECRET: createTestSecret(),
    };
    const start = async (at: number): Promise<ServerChild> => {
      const server = startServerChild('defective-server', { ...env, PORT: String(at) });
      await expect.poll(() => isReady(at), { timeout: TIMEOUT, interval: 100 }).toBe(true);
      return server;
    };
    const restarted = await start(first);
    await start(second);
    const nginx = await startNginx(documentedNginx(port, [first, second]), port);
    cleanUps.push(nginx.stop);

    // Each worker is somebody else: what one person may write is limited.
    const signUp = async (username: string): Promise<{ authorization: string }> => {
      const browser = createBrowser(() => origin);
      const input = { username, email: `${username}@mail.example`, password: 'correct horse battery staple' };
      expect(await browser.call('auth.register', { input })).toMatchObject({ status: 200 });
      return { authorization: `Bearer ${browser.accessToken}` };
    };
    const people = await Promise.all(Array.from({ length: WORKERS }, (_, index) => signUp(`person_${index}`)));

    const agent = new Agent({ keepAlive: true });
    cleanUps.push(() => agent.destroy());
    const call = (person: { authorization: string }, isWrite: boolean): Promise<string> =>
      new Promise((resolve) => {
        const headers = { ...person, 'x-latchkey': '1' };
        const body = JSON.stringify({ text: 'written during a restart' });
        const sent = request(
          `${origin}/api/trpc/${isWrite ? 'notes.create' : 'notes.list'}`,
          isWrite
            ? { agent, method: 'POST', headers: { ...headers, 'content-type': 'application/json' } }
            : { agent, headers },
          (response) => {
            text(response).then(
              () => resolve(String(response.statusCode)),
              (error: unknown) => resolve(String(error)),
            );
          },
        );
        sent.on('error', (error) => resolve(error.message));
        sent.end(isWrite ? body : undefined);
      });

    const outcomes = new Map<string, number>();
    let calls = 0;
    let isBack = false;
    const work = async (person: { authorization: string }): Promise<void> => {
      while (calls < REQUESTS || !isBack) {
        calls += 1;
        const isWrite = calls % 2 === 0;
        const outcome = `${isWrite ? 'POST' : 'GET'} ${await call(person, isWrite)}`;
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    };
    const restart = async (): Promise<void> => {
      restarted.child.kill('SIGTERM');
      expect(await restarted.ended).toEqual([0, null]);
      await start(first);
      isBack = true;
    };
    await Promise.all([restart(), ...people.map(work)]);

    expect([[...outcomes.keys()].toSorted(), nginx.complaints().match(/\([^)]*\) while (?!connecting)[^,]+/g)]).toEqual(
      [['GET 200', 'POST 200'], null],
    );
    expect(calls).toBeGreaterThanOrEqual(REQUESTS);
  },
  TIMEOUT,
);
