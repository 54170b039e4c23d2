import { signInBy, startBetterAuth } from '../better-auth.ts';
import type { BenchContext } from '../context.ts';
import { loginBy, startLatchkey } from '../latchkey.ts';
import { type VirtualUser, workedSchema } from '../load/plan.ts';
import { compare, measureInTurn, type Side } from '../measure.ts';
import type { Scenario } from '../scenario.ts';
import type { ServerProcess } from '../server-process.ts';

/** Hashes with no server around them, in a process of their own. */
const startHashes = async (context: BenchContext, pool: 'server' | 'every-core'): Promise<Side> => {
  const server = await context.startServer({ name: 'hash-alone', program: 'hashAlone', readyPath: '/ready' });
  const work = async (milliseconds: number) => {
    const response = await fetch(`${server.origin}/work/${pool}/${milliseconds}`);
    return workedSchema.parse(await response.json());
  };
  return { server, load: { work } };
};

const withCrowd = async (
  context: BenchContext,
  server: ServerProcess,
  users: VirtualUser[],
  expectText: string,
): Promise<Side> => ({
  server,
  load: await context.startCrowd({ origin: server.origin, connections: context.connections, users, expectText }),
});

const startOurs = async (context: BenchContext): Promise<Side> => {
  const { server, people } = await startLatchkey(context, {
    store: 'Postgres',
    people: context.connections,
    realPasswords: true,
  });
  return withCrowd(context, server, people.map(loginBy), 'accessToken');
};

const startBetterAuthSignIn = async (context: BenchContext): Promise<Side> => {
  const databaseUrl = await context.createDatabase();
  const { server, visitors } = await startBetterAuth(context, { databaseUrl, people: context.connections });
  return withCrowd(
    context,
    server,
    visitors.map((_cookie, index) => signInBy(index, server.origin)),
    'token',
  );
};

export const login: Scenario = {
  name: 'login',
  title: 'A login on Postgres against the password hash that it cannot do without.',
  run: async (context) => {
    const of = await measureInTurn(context, {
      login: await startOurs(context),
      hash: await startHashes(context, 'server'),
      everyCore: await startHashes(context, 'every-core'),
      betterAuth: await startBetterAuthSignIn(context),
    });
    const ours = { what: 'login', ours: of('login') };
    return [
      compare({
        ...ours,
        comparedWith: 'argon2id alone, by as many threads',
        theirs: of('hash'),
        metric: 'callsPerSecond',
        target: { atLeast: 0.9 },
      }),
      compare({
        ...ours,
        comparedWith: 'argon2id alone, on every core',
        theirs: of('everyCore'),
        metric: 'callsPerSecond',
      }),
      compare({
        ...ours,
        comparedWith: 'better-auth sign-in, scrypt',
        theirs: of('betterAuth'),
        metric: 'callsPerSecond',
      }),
      compare({ ...ours, comparedWith: 'better-auth sign-in, scrypt', theirs: of('betterAuth'), metric: 'cpuPerCall' }),
    ];
  },
};
