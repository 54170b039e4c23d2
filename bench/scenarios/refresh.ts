import { getSessionBy, startBetterAuth } from '../better-auth.ts';
import type { BenchContext } from '../context.ts';
import { countRotations } from '../count-rotations.ts';
import { type Latchkey, type LatchkeyOptions, POST_HEADERS, refreshBy, startLatchkey } from '../latchkey.ts';
import type { Crowd } from '../load/crowd.ts';
import { compare, type Measured, measureInTurn, type Side } from '../measure.ts';
import type { Row } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import { letIn } from '../visitors.ts';

type Store = LatchkeyOptions['store'];

/**
 * The shortest window there is, so that a refresh after it rotates; and the longest, so that everybody
 * replays.
 */
const LEEWAY_SECONDS = { rotate: 1, replay: 300 } as const;
const ROTATION_PAUSE_MS = 1_100;

/** Enough that none of them has to wait for the window of their last refresh to shut. */
const PEOPLE = { full: 4000, quick: 40 } as const;

interface OurSide extends Side {
  latchkey: Latchkey;
  load: Crowd;
}

const startOurs = async (context: BenchContext, store: Store, how: 'rotate' | 'replay'): Promise<OurSide> => {
  const rotates = how === 'rotate';
  const latchkey = await startLatchkey(context, {
    store,
    people: rotates ? PEOPLE[context.quick ? 'quick' : 'full'] : context.connections,
    env: { REFRESH_LEEWAY: String(LEEWAY_SECONDS[how]) },
  });
  const load = await context.startCrowd({
    origin: latchkey.server.origin,
    connections: context.connections,
    users: latchkey.people.map(refreshBy),
    followsCookies: rotates,
    userPause: rotates ? ROTATION_PAUSE_MS : 0,
    expectText: 'accessToken',
  });
  return { latchkey, server: latchkey.server, load };
};

/** The same sessions as endpoints of Express, and as mutations of bare tRPC, which is the floor of our stack. */
const HAND_WRITTEN = {
  endpoint: { program: 'handWritten', prefix: '' },
  mutation: { program: 'bareTrpcRefresh', prefix: '/api/trpc' },
} as const;

const startHandWritten = async (context: BenchContext, store: Store, as: keyof typeof HAND_WRITTEN): Promise<Side> => {
  const { program, prefix } = HAND_WRITTEN[as];
  const server = await context.startServer({
    name: `hand-written-${as}`,
    program,
    readyPath: '/ready',
    env:
      store === 'SQLite'
        ? { DATA_DIR: await context.createFolder() }
        : { DATABASE_URL: await context.createDatabase() },
  });
  const visitors = await letIn(server, context.connections, () => ({ path: `${prefix}/login`, body: {} }));
  const load = await context.startCrowd({
    origin: server.origin,
    connections: context.connections,
    users: visitors.map((cookie) => ({
      method: 'POST',
      path: `${prefix}/refresh`,
      headers: { ...POST_HEADERS, cookie },
    })),
    followsCookies: true,
    expectText: 'accessToken',
  });
  return { server, load };
};

/** The nearest that better-auth has to a refresh. */
const startGetSession = async (context: BenchContext): Promise<Side> => {
  const { server, visitors } = await startBetterAuth(context, {
    databaseUrl: await context.createDatabase(),
    people: context.connections,
  });
  const load = await context.startCrowd({
    origin: server.origin,
    connections: context.connections,
    users: visitors.map(getSessionBy),
    expectText: 'session',
  });
  return { server, load };
};

/** @throws when the sides did something else than what their row says. */
const checkRotations = async ({ rotating, replaying }: Record<'rotating' | 'replaying', OurSide>): Promise<void> => {
  const rotations = await countRotations(rotating.latchkey);
  if (rotations !== rotating.load.totalCalls()) {
    throw new Error(`Of ${rotating.load.totalCalls()} refreshes that should have rotated, ${rotations} did.`);
  }
  const unexpected = await countRotations(replaying.latchkey);
  if (unexpected !== 0) throw new Error(`${unexpected} refreshes rotated that should have been replays.`);
};

/** What the floor of tRPC and Express leaves room for, to the endpoint written by hand. */
const TARGETS = { Postgres: { rotate: 0.5, replay: 0.55 }, SQLite: { rotate: 0.9, replay: 1.3 } } as const;

const rowsOf = (
  store: Store,
  {
    rotating,
    replaying,
    endpoint,
    mutation,
    getSession,
  }: Record<'rotating' | 'replaying' | 'endpoint' | 'mutation' | 'getSession', Measured>,
): Row[] => {
  const rotation = { what: `refresh that rotates, ${store}`, ours: rotating };
  const replay = { what: `refresh that replays, ${store}`, ours: replaying };
  const byHand = { comparedWith: 'hand-written Express endpoint, one UPDATE', theirs: endpoint };
  const floor = { comparedWith: 'one UPDATE as a mutation of bare tRPC on Express', theirs: mutation };
  const nearest = { comparedWith: 'better-auth get-session, Postgres', theirs: getSession };
  return [
    compare({ ...rotation, ...byHand, metric: 'callsPerSecond', target: { atLeast: TARGETS[store].rotate } }),
    compare({ ...rotation, ...byHand, metric: 'cpuPerCall' }),
    compare({ ...rotation, ...floor, metric: 'callsPerSecond' }),
    compare({ ...rotation, ...nearest, metric: 'callsPerSecond' }),
    compare({ ...replay, ...byHand, metric: 'callsPerSecond', target: { atLeast: TARGETS[store].replay } }),
    compare({ ...replay, ...byHand, metric: 'cpuPerCall' }),
    compare({ ...replay, ...floor, metric: 'callsPerSecond' }),
    compare({ ...replay, ...nearest, metric: 'callsPerSecond' }),
    compare({ what: `${floor.comparedWith}, ${store}`, ours: mutation, ...byHand, metric: 'callsPerSecond' }),
  ];
};

const startStore = async (context: BenchContext, store: Store) => ({
  rotating: await startOurs(context, store, 'rotate'),
  replaying: await startOurs(context, store, 'replay'),
  endpoint: await startHandWritten(context, store, 'endpoint'),
  mutation: await startHandWritten(context, store, 'mutation'),
});

export const refresh: Scenario = {
  name: 'refresh',
  title:
    'A refresh against an endpoint written by hand that swaps an opaque token by one UPDATE, and knows no lost answers and no thieves.',
  run: async (context) => {
    const postgres = await startStore(context, 'Postgres');
    const sqlite = await startStore(context, 'SQLite');
    const of = await measureInTurn(context, {
      rotatingPostgres: postgres.rotating,
      replayingPostgres: postgres.replaying,
      endpointPostgres: postgres.endpoint,
      mutationPostgres: postgres.mutation,
      rotatingSqlite: sqlite.rotating,
      replayingSqlite: sqlite.replaying,
      endpointSqlite: sqlite.endpoint,
      mutationSqlite: sqlite.mutation,
      getSession: await startGetSession(context),
    });
    await checkRotations(postgres);
    await checkRotations(sqlite);

    return [
      ...rowsOf('Postgres', {
        rotating: of('rotatingPostgres'),
        replaying: of('replayingPostgres'),
        endpoint: of('endpointPostgres'),
        mutation: of('mutationPostgres'),
        getSession: of('getSession'),
      }),
      ...rowsOf('SQLite', {
        rotating: of('rotatingSqlite'),
        replaying: of('replayingSqlite'),
        endpoint: of('endpointSqlite'),
        mutation: of('mutationSqlite'),
        getSession: of('getSession'),
      }),
    ];
  },
};
