import { queryBy, startLatchkey } from '../latchkey.ts';
import type { PlanInput, VirtualUser } from '../load/plan.ts';
import { compare, measureInTurn } from '../measure.ts';
import type { Scenario } from '../scenario.ts';
import { HOST_ANSWER } from '../servers/host-answer.ts';

const BATCH = 10;
const PEOPLE = 100;

const single = (procedure: string): string => `/api/trpc/${procedure}`;

const batched = (procedure: string): string =>
  `/api/trpc/${Array.from({ length: BATCH }, () => procedure).join(',')}?batch=1&input=%7B%7D`;

export const protectedQuery: Scenario = {
  name: 'protected-query',
  title: 'A protected query against a public one of the same server, both with an access token: what the gate costs.',
  run: async (context) => {
    const { server, people } = await startLatchkey(context, { store: 'SQLite', procedures: 'host', people: PEOPLE });
    // The same headers on both sides: what is compared is the gate, not the parsing of a longer request.
    const crowd = (path: string) =>
      context.startCrowd({
        origin: server.origin,
        connections: context.connections,
        users: people.map((person): VirtualUser => queryBy(person, path)),
        expectText: HOST_ANSWER.id,
      } satisfies PlanInput);
    const of = await measureInTurn(context, {
      protected: { server, load: await crowd(single('protected')) },
      public: { server, load: await crowd(single('public')) },
      protectedBatch: { server, load: await crowd(batched('protected')) },
      publicBatch: { server, load: await crowd(batched('public')) },
    });

    const query = {
      what: 'protected query',
      comparedWith: 'public query',
      ours: of('protected'),
      theirs: of('public'),
    };
    const batch = {
      what: `protected batch of ${BATCH}`,
      comparedWith: `public batch of ${BATCH}`,
      ours: of('protectedBatch'),
      theirs: of('publicBatch'),
    };
    return [
      compare({ ...query, metric: 'cpuPerCall', target: { atMost: 1.04 } }),
      compare({ ...query, metric: 'callsPerSecond' }),
      compare({ ...batch, metric: 'cpuPerCall', target: { atMost: 1.04 } }),
      compare({ ...batch, metric: 'callsPerSecond' }),
    ];
  },
};
