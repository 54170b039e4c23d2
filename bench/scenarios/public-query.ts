import type { BenchContext } from '../context.ts';
import { BROWSER_HEADERS, queryBy, startLatchkey } from '../latchkey.ts';
import type { PlanInput, VirtualUser } from '../load/plan.ts';
import { compare, measureInTurn } from '../measure.ts';
import type { Scenario } from '../scenario.ts';
import type { ServerProcess } from '../server-process.ts';
import { HOST_ANSWER } from '../servers/host-answer.ts';

const BATCH = 10;
const PEOPLE = 100;

const single = (procedure: string): string => `/api/trpc/${procedure}`;

const batched = (procedure: string): string =>
  `/api/trpc/${Array.from({ length: BATCH }, () => procedure).join(',')}?batch=1&input=%7B%7D`;

const measure = async (context: BenchContext) => {
  const { server: latchkey, people } = await startLatchkey(context, {
    store: 'SQLite',
    procedures: 'host',
    people: PEOPLE,
  });
  const bare = await context.startServer({ name: 'bare-trpc', program: 'bareTrpc', readyPath: '/ready' });
  const side = async (server: ServerProcess, users: VirtualUser[]) => {
    const plan: PlanInput = {
      origin: server.origin,
      connections: context.connections,
      users,
      expectText: HOST_ANSWER.id,
    };
    return { server, load: await context.startCrowd(plan) };
  };
  const visitors = (path: string): VirtualUser[] =>
    Array.from({ length: context.connections }, () => ({ method: 'GET', path, headers: BROWSER_HEADERS }));
  return measureInTurn(context, {
    public: await side(latchkey, visitors(single('public'))),
    bare: await side(bare, visitors(single('public'))),
    protected: await side(
      latchkey,
      people.map((person) => queryBy(person, single('protected'))),
    ),
    publicBatch: await side(latchkey, visitors(batched('public'))),
    bareBatch: await side(bare, visitors(batched('public'))),
  });
};

export const publicQuery: Scenario = {
  name: 'public-query',
  title:
    'Queries on the whole server, with headers, guards and a log line, against public ones of bare tRPC on its own Express adapter.',
  run: async (context) => {
    const of = await measure(context);
    const theirs = { comparedWith: 'bare tRPC on Express', theirs: of('bare') };
    const query = { ...theirs, what: 'public query', ours: of('public') };
    const gated = { ...theirs, what: 'protected query', ours: of('protected') };
    const batch = {
      what: `public batch of ${BATCH}`,
      comparedWith: 'bare tRPC on Express',
      ours: of('publicBatch'),
      theirs: of('bareBatch'),
    };
    return [
      compare({ ...query, metric: 'cpuPerCall', target: { atMost: 0.8 } }),
      compare({ ...query, metric: 'callsPerSecond' }),
      compare({ ...gated, metric: 'cpuPerCall', target: { atMost: 0.8 } }),
      compare({ ...gated, metric: 'callsPerSecond' }),
      compare({ ...batch, metric: 'cpuPerCall', target: { atMost: 0.95 } }),
      compare({ ...batch, metric: 'callsPerSecond' }),
    ];
  },
};
