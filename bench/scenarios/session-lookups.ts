import { startBetterAuth } from '../better-auth.ts';
import type { BenchContext } from '../context.ts';
import { BROWSER_HEADERS, queryBy, startLatchkey } from '../latchkey.ts';
import type { VirtualUser } from '../load/plan.ts';
import { compare, measureInTurn, type Side } from '../measure.ts';
import type { Row } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import type { ServerProcess } from '../server-process.ts';
import { HOST_ANSWER } from '../servers/host-answer.ts';
import { countStatements } from '../statement-counter.ts';
import { spreadOf } from '../statistics.ts';
import { letIn } from '../visitors.ts';

const PATH = '/api/trpc/protected';

const withCrowd = async (context: BenchContext, server: ServerProcess, users: VirtualUser[]): Promise<Side> => ({
  server,
  load: await context.startCrowd({
    origin: server.origin,
    connections: context.connections,
    users,
    expectText: HOST_ANSWER.id,
  }),
});

const startOurs = async (context: BenchContext): Promise<Side> => {
  const { server, people } = await startLatchkey(context, {
    store: 'Postgres',
    procedures: 'host',
    people: context.connections,
  });
  return withCrowd(
    context,
    server,
    people.map((person) => queryBy(person, PATH)),
  );
};

const queryWith =
  (path: string) =>
  (cookie: string): VirtualUser => ({ method: 'GET', path, headers: { ...BROWSER_HEADERS, cookie } });

type StartPeer = (context: BenchContext, databaseUrl: string) => Promise<Side>;

const betterAuth =
  (cookieCache: boolean): StartPeer =>
  async (context, databaseUrl) => {
    const { server, visitors } = await startBetterAuth(context, {
      databaseUrl,
      people: context.connections,
      cookieCache,
    });
    return withCrowd(context, server, visitors.map(queryWith(PATH)));
  };

const expressSession: StartPeer = async (context, databaseUrl) => {
  const server = await context.startServer({
    name: 'express-session',
    program: 'expressSession',
    readyPath: '/ready',
    env: { DATABASE_URL: databaseUrl },
  });
  const visitors = await letIn(server, context.connections, () => ({ path: '/login' }));
  return withCrowd(context, server, visitors.map(queryWith('/protected')));
};

const PEERS = {
  betterAuth: { words: 'better-auth `api.getSession`, bare tRPC on Express', start: betterAuth(false) },
  cachedBetterAuth: {
    words: 'the same with its cookie cache: a revocation counts up to 5 minutes late',
    start: betterAuth(true),
  },
  expressSession: { words: 'express-session with connect-pg-simple, bare Express', start: expressSession },
} as const;

/** In a run of its own, for the counter stands in the way. */
const countPerCall = async (
  context: BenchContext,
  { words, start }: (typeof PEERS)[keyof typeof PEERS],
): Promise<Row> => {
  const statements = await countStatements(await context.createDatabase());
  context.onEnd(statements.stop);
  const { load } = await start(context, statements.url);
  const before = statements.count();
  const { calls } = await load.work(context.roundMs);
  return {
    what: 'protected query',
    unit: 'statements a call',
    ours: spreadOf([0]),
    comparedWith: words,
    theirs: spreadOf([(statements.count() - before) / calls]),
    note: 'That Latchkey asks nothing of the database is asserted by `src/server/auth/store/statement-counts.test.ts`; what the others ask was counted on the wire.',
  };
};

export const sessionLookups: Scenario = {
  name: 'session-lookups',
  title: 'A protected query of the whole server on Postgres against the usual ways to know who is calling.',
  run: async (context) => {
    const start = async (name: keyof typeof PEERS) => PEERS[name].start(context, await context.createDatabase());
    const of = await measureInTurn(context, {
      ours: await startOurs(context),
      betterAuth: await start('betterAuth'),
      cachedBetterAuth: await start('cachedBetterAuth'),
      expressSession: await start('expressSession'),
    });
    const against = (name: keyof typeof PEERS) => ({
      what: 'protected query',
      comparedWith: PEERS[name].words,
      ours: of('ours'),
      theirs: of(name),
    });
    return [
      compare({ ...against('betterAuth'), metric: 'callsPerSecond', target: { atLeast: 3 } }),
      compare({ ...against('betterAuth'), metric: 'cpuPerCall' }),
      compare({ ...against('cachedBetterAuth'), metric: 'callsPerSecond' }),
      compare({ ...against('cachedBetterAuth'), metric: 'cpuPerCall' }),
      compare({ ...against('expressSession'), metric: 'callsPerSecond' }),
      compare({ ...against('expressSession'), metric: 'cpuPerCall' }),
      await countPerCall(context, PEERS.betterAuth),
      await countPerCall(context, PEERS.expressSession),
    ];
  },
};
