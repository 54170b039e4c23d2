import type { BenchContext } from '../context.ts';
import { type Latchkey, loginBy, logoutBy, queryBy, refreshBy, startLatchkey } from '../latchkey.ts';
import type { VirtualUser } from '../load/plan.ts';
import type { Load } from '../measure.ts';
import { openStreams } from '../open-streams.ts';
import { type PostgresUsage, watchPostgres } from '../postgres-usage.ts';
import type { Row } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import type { ServerProcess } from '../server-process.ts';
import { spreadOf } from '../statistics.ts';

/** What people ask of the processes. */
interface Work {
  what: string;
  expectText: string;
  people: number;
  realPasswords?: boolean;
  rounds: number;
  roundMs: number;
  request: (person: Latchkey['people'][number]) => VirtualUser;
  /** As a browser does: a session's refreshes follow one another. */
  follows?: { pauseMs: number };
  leewaySeconds?: number;
  /** Whether a second time would be something else. */
  isOnce?: boolean;
}

const worksOf = ({ quick, rounds, roundMs, connections }: BenchContext): Work[] => [
  {
    what: 'protected calls',
    people: connections * 3,
    rounds,
    roundMs,
    request: (person) => queryBy(person, '/api/trpc/auth.claims'),
    expectText: 'userId',
  },
  {
    what: 'refreshes that rotate',
    // Enough that none of them has to wait for the window of their last refresh to shut.
    people: quick ? 40 : 6000,
    rounds,
    roundMs,
    request: refreshBy,
    follows: { pauseMs: 1100 },
    leewaySeconds: 1,
    expectText: 'accessToken',
  },
  {
    what: 'logins',
    people: connections * 3,
    realPasswords: true,
    rounds,
    roundMs,
    request: loginBy,
    expectText: 'accessToken',
  },
  {
    what: 'sessions ended',
    // Enough that each is ended once.
    people: quick ? 1500 : 24_000,
    rounds: Math.min(rounds, 3),
    roundMs: roundMs / 2,
    request: logoutBy,
    isOnce: true,
    expectText: 'ok',
  },
];

interface Taken {
  callsPerSecond: number;
  serverMicroseconds: number;
  postgresMicroseconds: number;
}

const cpuOf = async (servers: readonly ServerProcess[]): Promise<number> => {
  const usages = await Promise.all(servers.map((server) => server.usage()));
  return usages.reduce((sum, { cpuMicroseconds }) => sum + cpuMicroseconds, 0);
};

/** Keeps all servers busy at the same time. */
const measureTogether = async (
  servers: readonly ServerProcess[],
  loads: readonly Load[],
  postgres: PostgresUsage,
  milliseconds: number,
): Promise<Taken> => {
  const before = { servers: await cpuOf(servers), postgres: await postgres.cpuMicroseconds() };
  const worked = await Promise.all(loads.map((load) => load.work(milliseconds)));
  const calls = worked.reduce((sum, one) => sum + one.calls, 0);
  return {
    callsPerSecond: worked.reduce((sum, one) => sum + one.calls / one.seconds, 0),
    serverMicroseconds: ((await cpuOf(servers)) - before.servers) / calls,
    postgresMicroseconds: ((await postgres.cpuMicroseconds()) - before.postgres) / calls,
  };
};

const rowsOf = ({ what }: Work, one: readonly Taken[], two: readonly Taken[]): Row[] => {
  const row = (unit: string, pick: (taken: Taken) => number): Row => ({
    what,
    unit,
    ours: spreadOf(one.map(pick)),
    comparedWith: 'two processes',
    theirs: spreadOf(two.map(pick)),
  });
  return [
    row('a second', ({ callsPerSecond }) => callsPerSecond),
    row('CPU time of servers each, µs', ({ serverMicroseconds }) => serverMicroseconds),
    row('CPU time of Postgres each, µs', ({ postgresMicroseconds }) => postgresMicroseconds),
    // A protected call asks nothing of Postgres.
    ...(one.every(({ postgresMicroseconds }) => postgresMicroseconds > 0)
      ? [row('cores of servers to one of Postgres', (taken) => taken.serverMicroseconds / taken.postgresMicroseconds)]
      : []),
  ];
};

const measureWork = async (context: BenchContext, work: Work): Promise<Row[]> => {
  const {
    people: count,
    realPasswords = false,
    leewaySeconds = 30,
    follows,
    request,
    expectText,
    isOnce = false,
  } = work;
  const latchkey = await startLatchkey(context, {
    store: 'Postgres',
    people: count,
    realPasswords,
    env: { REFRESH_LEEWAY: String(leewaySeconds) },
  });
  const servers = [latchkey.server, await latchkey.startAnother()];
  const postgres = await watchPostgres(latchkey.location.databaseUrl ?? '');
  context.onEnd(postgres.stop);
  // A third of them for one process by itself, and a third for each of the two that work together.
  const third = Math.floor(count / 3);
  const load = (server: ServerProcess | undefined, part: number) =>
    context.startCrowd({
      origin: server?.origin ?? '',
      connections: Math.min(context.connections, third),
      users: latchkey.people.slice(part * third, (part + 1) * third).map(request),
      followsCookies: follows !== undefined,
      userPause: follows?.pauseMs ?? 0,
      expectText,
    });
  const alone = [await load(servers[0], 0)];
  const together = [await load(servers[0], 1), await load(servers[1], 2)];
  const [one, two]: [Taken[], Taken[]] = [[], []];
  // The first round warms up, and is left out.
  for (let round = -1; round < work.rounds; round += 1) {
    const first = await measureTogether(servers.slice(0, 1), alone, postgres, work.roundMs);
    const second = await measureTogether(servers, together, postgres, work.roundMs);
    if (round < 0) continue;
    one.push(first);
    two.push(second);
  }
  for (const crowd of isOnce ? [...alone, ...together] : []) {
    if (crowd.totalCalls() > third) throw new Error(`Of ${third} people, ${crowd.totalCalls()} took their turn.`);
  }
  return rowsOf(work, one, two);
};

const measureStreams = async (context: BenchContext): Promise<Row[]> => {
  const streams = context.quick ? 50 : 2000;
  const { server, location, people } = await startLatchkey(context, { store: 'Postgres', people: streams });
  const postgres = await watchPostgres(location.databaseUrl ?? '');
  context.onEnd(postgres.stop);
  const before = { server: await cpuOf([server]), postgres: await postgres.cpuMicroseconds(), at: performance.now() };
  await openStreams(
    context,
    server,
    people.map(({ accessToken }) => accessToken),
  );
  const seconds = (performance.now() - before.at) / 1000;
  const each = (after: number, since: number): number => (after - since) / streams;
  const what = `${streams} streams opened`;
  return [
    { what, unit: 'a second', ours: spreadOf([streams / seconds]) },
    {
      what,
      unit: 'CPU time of the server each, µs',
      ours: spreadOf([each(await cpuOf([server]), before.server)]),
    },
    {
      what,
      unit: 'CPU time of Postgres each, µs',
      ours: spreadOf([each(await postgres.cpuMicroseconds(), before.postgres)]),
    },
  ];
};

export const scale: Scenario = {
  name: 'scale',
  title:
    'One process, and two on the same Postgres: how much they do in a second, and what servers and Postgres take for it. The load and all of them share the cores of this machine.',
  run: async (context) => {
    const rows: Row[] = [];
    for (const work of worksOf(context)) {
      context.say(`  ${work.what} …`);
      rows.push(...(await measureWork(context, work)));
    }
    return [...rows, ...(await measureStreams(context))];
  },
};
