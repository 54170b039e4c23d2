import { setTimeout as delay } from 'node:timers/promises';
import { loginBy, queryBy, startLatchkey } from '../latchkey.ts';
import type { Crowd } from '../load/crowd.ts';
import { compare, type Load, measureInTurn } from '../measure.ts';
import type { Scenario } from '../scenario.ts';

const PEOPLE = 20;
const STORM = { full: 200, quick: PEOPLE } as const;

/**
 * A load that leaves the server time, as most servers have most of the time: each connection waits between two calls.
 */
const CALM = { connections: 4, connectionPause: 5 } as const;

const STORM_LEAD_MS = 300;

/** Queries from when the storm is at its height. */
const amidst = (storm: Crowd, calm: Crowd): Load => ({
  work: async (milliseconds) => {
    const raging = storm.work(STORM_LEAD_MS + milliseconds);
    const working = delay(STORM_LEAD_MS).then(() => calm.work(milliseconds));
    const [worked] = await Promise.all([working, raging]);
    return worked;
  },
});

export const loginStorm: Scenario = {
  name: 'login-storm',
  title: `A protected query while ${STORM.full} logins are always waiting for their turn, against the same server without them.`,
  run: async (context) => {
    const size = STORM[context.quick ? 'quick' : 'full'];
    const { server, people } = await startLatchkey(context, {
      store: 'Postgres',
      people: 2 * PEOPLE,
      realPasswords: true,
    });
    // Who signs in again and again has older sessions ended: those who only ask are others.
    const [asking, signingIn] = [people.slice(PEOPLE), people.slice(0, PEOPLE)];
    const calm = await context.startCrowd({
      origin: server.origin,
      ...CALM,
      users: asking.map((person) => queryBy(person, '/api/trpc/auth.claims')),
      expectText: 'userId',
    });
    const storm = await context.startCrowd({
      origin: server.origin,
      connections: size,
      users: Array.from({ length: size / PEOPLE }, () => signingIn.map(loginBy)).flat(),
      expectText: 'accessToken',
    });
    const of = await measureInTurn(context, {
      stormy: { server, load: amidst(storm, calm) },
      idle: { server, load: calm },
    });
    const sides = {
      what: `protected query under ${size} queued logins`,
      comparedWith: 'the same without them',
      ours: of('stormy'),
      theirs: of('idle'),
    };
    return [compare({ ...sides, metric: 'p99', target: { atMost: 2 } }), compare({ ...sides, metric: 'p50' })];
  },
};
