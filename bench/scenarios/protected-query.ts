import { queryBy, startLatchkey } from '../latchkey.ts';
import { compare, measureInTurn, type Side } from '../measure.ts';
import type { Scenario } from '../scenario.ts';
import type { ServerProcess } from '../server-process.ts';
import { HOST_ANSWER } from '../servers/host-answer.ts';

const BATCH = 10;
const PEOPLE = 100;

const single = (procedure: string): string => `/api/trpc/${procedure}`;

const batched = (procedure: string): string =>
  `/api/trpc/${Array.from({ length: BATCH }, () => procedure).join(',')}?batch=1&input=%7B%7D`;

export const protectedQuery: Scenario = {
  name: 'protected-query',
  title:
    'A protected query on the whole server, against public ones: of bare tRPC on its own Express adapter, and of the same server, which shows what the gate costs.',
  run: async (context) => {
    const { server, people } = await startLatchkey(context, { store: 'SQLite', procedures: 'host', people: PEOPLE });
    const bare = await context.startServer({ name: 'bare-trpc', program: 'bareTrpc', readyPath: '/ready' });
    // The same headers on all sides: what is compared is the work, not the parsing of a longer request.
    const side = async (of: ServerProcess, path: string): Promise<Side> => ({
      server: of,
      load: await context.startCrowd({
        origin: of.origin,
        connections: context.connections,
        users: people.map((person) => queryBy(person, path)),
        expectText: HOST_ANSWER.id,
      }),
    });
    const of = await measureInTurn(context, {
      protected: await side(server, single('protected')),
      public: await side(server, single('public')),
      bare: await side(bare, single('public')),
      protectedBatch: await side(server, batched('protected')),
      publicBatch: await side(server, batched('public')),
      bareBatch: await side(bare, batched('public')),
    });

    const query = { what: 'protected query', ours: of('protected') };
    const batch = { what: `protected batch of ${BATCH}`, ours: of('protectedBatch') };
    const ofBare = 'public, bare tRPC on Express';
    const ofOurs = 'public, the same server';
    return [
      compare({
        ...query,
        comparedWith: ofBare,
        theirs: of('bare'),
        metric: 'cpuPerCall',
        target: { atMost: 0.85 },
      }),
      compare({ ...query, comparedWith: ofOurs, theirs: of('public'), metric: 'cpuPerCall' }),
      compare({ ...query, comparedWith: ofBare, theirs: of('bare'), metric: 'callsPerSecond' }),
      compare({
        ...batch,
        comparedWith: ofBare,
        theirs: of('bareBatch'),
        metric: 'cpuPerCall',
        target: { atMost: 1 },
      }),
      compare({ ...batch, comparedWith: ofOurs, theirs: of('publicBatch'), metric: 'cpuPerCall' }),
      compare({ ...batch, comparedWith: ofBare, theirs: of('bareBatch'), metric: 'callsPerSecond' }),
    ];
  },
};
