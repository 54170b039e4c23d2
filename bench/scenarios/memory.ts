import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createTestAuth } from '../../src/testing/auth.ts';
import { quietFeed } from '../../src/testing/quiet-feed.ts';
import { openBenchStore } from '../bench-store.ts';
import type { BenchContext } from '../context.ts';
import { BROWSER_HEADERS, startLatchkey } from '../latchkey.ts';
import { openStreams } from '../open-streams.ts';
import type { Row } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import type { Usage } from '../server-process.ts';
import { spreadOf } from '../statistics.ts';

const MEGABYTE = 1_000_000;
const held = ({ memory }: Usage): number => memory.heapUsed + memory.external;

const ask = async (origin: string, path: string, accessToken: string): Promise<void> => {
  const response = await fetch(`${origin}/api/trpc/${path}`, {
    headers: { ...BROWSER_HEADERS, authorization: `Bearer ${accessToken}` },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${text}`);
};

const serverRows = async (context: BenchContext, store: 'SQLite' | 'Postgres'): Promise<Row[]> => {
  const sessions = context.quick ? 100 : 1_000;
  const streams = context.quick ? 50 : 1_000;
  const { server, people } = await startLatchkey(context, {
    store,
    people: sessions,
    nodeArguments: ['--expose-gc'],
  });
  const [first] = people;
  const token = first?.accessToken ?? '';
  const idle = await server.usageAfterCollection();

  // What the first call brings along is no session's.
  for (let call = 0; call < 200; call += 1) await ask(server.origin, 'auth.claims', token);
  const before = await server.usageAfterCollection();
  for (const { accessToken } of people) await ask(server.origin, 'auth.claims', accessToken);
  const used = await server.usageAfterCollection();
  await openStreams(
    context,
    server,
    people.slice(0, streams).map(({ accessToken }) => accessToken),
  );
  const streaming = await server.usageAfterCollection();

  return [
    { what: `idle server, ${store}: resident`, unit: 'MB', ours: spreadOf([idle.memory.rss / MEGABYTE]) },
    { what: `idle server, ${store}: held`, unit: 'MB', ours: spreadOf([held(idle) / MEGABYTE]) },
    {
      what: `each of ${sessions} live sessions that were just used, ${store}: held`,
      unit: 'kB',
      ours: spreadOf([(held(used) - held(before)) / sessions / 1000]),
      note: 'A process holds nothing of a session but its last verified access token, and of at most 1,000 of these.',
    },
    {
      what: `each of ${streams} open subscriptions, ${store}: held`,
      unit: 'kB',
      ours: spreadOf([(held(streaming) - held(used)) / streams / 1000]),
      target: { atMost: 35 },
    },
    {
      what: `each of ${streams} open subscriptions, ${store}: resident`,
      unit: 'kB',
      ours: spreadOf([(streaming.memory.rss - used.memory.rss) / streams / 1000]),
    },
  ];
};

/** What each process remembers of a session that was ended, for as long as its access tokens could live. */
const revokedId = async (context: BenchContext): Promise<Row> => {
  const many = context.quick ? 10_000 : 100_000;
  setFlagsFromString('--expose-gc');
  const heap = (): number => {
    runInNewContext('gc()');
    return process.memoryUsage().heapUsed;
  };
  const store = await openBenchStore('sqlite');
  context.onEnd(store.remove);
  const { services, stop } = await createTestAuth(store, { feed: quietFeed });
  context.onEnd(stop);
  const before = heap();
  for (let index = 0; index < many; index += 1) {
    // As it comes out of a message: a text of its own.
    const sid = JSON.parse(`"${String(index).padStart(43, 'x')}"`) as unknown;
    await services.revocations.announce([{ kind: 'session', sid: String(sid), cause: 'logout' }]);
  }
  return {
    what: `each of ${many.toLocaleString('en')} ended sessions that a process remembers`,
    unit: 'bytes',
    ours: spreadOf([(heap() - before) / many]),
  };
};

export const memory: Scenario = {
  name: 'memory',
  title:
    'What a server holds: idle, for each session, for each open subscription and for each session that was ended. After a garbage collection.',
  run: async (context) => [
    ...(await serverRows(context, 'SQLite')),
    ...(await serverRows(context, 'Postgres')),
    await revokedId(context),
  ],
};
