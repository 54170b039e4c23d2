import { setTimeout as delay } from 'node:timers/promises';
import { createArgon2Pool } from '../../src/server/auth/features/passwords/index.ts';
import { BUILT } from '../build.ts';
import type { BenchContext } from '../context.ts';
import { loginBy, queryBy, startLatchkey } from '../latchkey.ts';
import { compare, type Load, measureInTurn, type Side } from '../measure.ts';
import type { Row } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import { percentile, ratiosOf, spreadOf } from '../statistics.ts';

const PEOPLE = 20;
const STORM = { full: 200, quick: PEOPLE } as const;

/**
 * A load that leaves the server time, as most servers have most of the time: each connection waits between two calls.
 */
const CALM = { connections: 4, connectionPause: 5 } as const;

const STORM_LEAD_MS = 300;

/** How long one password takes where nothing else is done. */
const hashMilliseconds = async (): Promise<number> => {
  const passwords = createArgon2Pool();
  const stored = await passwords.hash('correct horse battery staple');
  const times: number[] = [];
  for (let time = 0; time < 20; time += 1) {
    const start = performance.now();
    await passwords.verify(stored, 'correct horse battery staple');
    times.push(performance.now() - start);
  }
  return Math.max(1, Math.round(percentile(times, 0.5)));
};

interface StormySide {
  /** Queries from when the storm is at its height. */
  stormy: Side;
  calm: Side;
  /** A round each, the warm-up included. */
  loginsPerSecond: number[];
}

/** A server, and both loads on it. */
const startSide = async (context: BenchContext, size: number, hashing: 'ours' | 'same-priority' | number) => {
  const { server, people } = await startLatchkey(context, {
    store: 'Postgres',
    people: 2 * PEOPLE,
    realPasswords: true,
    ...(hashing !== 'ours' && { nodeArguments: ['--import', BUILT.hashPreload] }),
    ...(typeof hashing === 'number' && { env: { HASH_MS: String(hashing) } }),
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
  const loginsPerSecond: number[] = [];
  const load: Load = {
    work: async (milliseconds) => {
      const raging = storm.work(STORM_LEAD_MS + milliseconds);
      const working = delay(STORM_LEAD_MS).then(() => calm.work(milliseconds));
      const [worked, { calls, seconds }] = await Promise.all([working, raging]);
      loginsPerSecond.push(calls / seconds);
      return worked;
    },
  };
  return { stormy: { server, load }, calm: { server, load: calm }, loginsPerSecond } satisfies StormySide;
};

export const loginStorm: Scenario = {
  name: 'login-storm',
  title: `A protected query while ${STORM.full} logins are always waiting for their turn, against the same server whose hash is a timer of the same length: what hashing takes from others.`,
  run: async (context) => {
    const size = STORM[context.quick ? 'quick' : 'full'];
    const milliseconds = await hashMilliseconds();
    const ours = await startSide(context, size, 'ours');
    const timer = await startSide(context, size, milliseconds);
    const equal = await startSide(context, size, 'same-priority');
    const of = await measureInTurn(context, {
      stormy: ours.stormy,
      timer: timer.stormy,
      equal: equal.stormy,
      calm: ours.calm,
    });
    const what = `protected query under ${size} queued logins`;
    const byTimer = { what, comparedWith: 'the hash replaced by a timer', ours: of('stormy'), theirs: of('timer') };
    const byEqual = {
      what,
      comparedWith: 'hashed at the priority of all else',
      ours: of('stormy'),
      theirs: of('equal'),
    };
    const calm = { what, comparedWith: 'without logins', ours: of('stormy'), theirs: of('calm') };
    const loginRow = (comparedWith: string, theirs: StormySide): Row => {
      const [mine, others] = [ours, theirs].map(({ loginsPerSecond }) => loginsPerSecond.slice(1));
      return {
        what: 'logins meanwhile',
        unit: 'logins/s',
        ours: spreadOf(mine ?? []),
        comparedWith,
        theirs: spreadOf(others ?? []),
        ratio: spreadOf(ratiosOf(mine ?? [], others ?? [])),
      };
    };
    return [
      compare({ ...byTimer, metric: 'p99', target: { atMost: 1.15 } }),
      compare({ ...byTimer, metric: 'p50' }),
      compare({ ...byEqual, metric: 'p99' }),
      compare({ ...byEqual, metric: 'p50' }),
      compare({ ...calm, metric: 'p99' }),
      { ...loginRow(byEqual.comparedWith, equal), target: { atLeast: 0.95 } },
      loginRow(byTimer.comparedWith, timer),
    ];
  },
};
