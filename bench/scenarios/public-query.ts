import type { BenchContext } from '../context.ts';
import { BROWSER_HEADERS, startLatchkey } from '../latchkey.ts';
import type { PlanInput } from '../load/plan.ts';
import { compare, measureInTurn } from '../measure.ts';
import type { Scenario } from '../scenario.ts';
import type { ServerProcess } from '../server-process.ts';
import { HOST_ANSWER } from '../servers/host-answer.ts';

const publicQueries = ({ origin }: ServerProcess, connections: number): PlanInput => ({
  origin,
  connections,
  users: Array.from({ length: connections }, () => ({
    method: 'GET',
    path: '/api/trpc/public',
    headers: BROWSER_HEADERS,
  })),
  expectText: HOST_ANSWER.id,
});

const measure = async (context: BenchContext) => {
  const { server: latchkey } = await startLatchkey(context, { store: 'SQLite', procedures: 'host' });
  const bare = await context.startServer({ name: 'bare-trpc', program: 'bareTrpc', readyPath: '/ready' });
  return measureInTurn(context, {
    latchkey: { server: latchkey, load: await context.startCrowd(publicQueries(latchkey, context.connections)) },
    bare: { server: bare, load: await context.startCrowd(publicQueries(bare, context.connections)) },
  });
};

export const publicQuery: Scenario = {
  name: 'public-query',
  title: 'A public query on the whole server, with headers, guards and a log line, against bare tRPC on Express.',
  run: async (context) => {
    const of = await measure(context);
    const sides = {
      what: 'public query',
      comparedWith: 'bare tRPC on Express',
      ours: of('latchkey'),
      theirs: of('bare'),
    };
    return [
      compare({ ...sides, metric: 'cpuPerCall', target: { atMost: 1.2 } }),
      compare({ ...sides, metric: 'callsPerSecond' }),
    ];
  },
};
