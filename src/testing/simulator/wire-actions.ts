import { refuse } from '#server/auth/refusal.ts';
import { type Action, type Actions, choose, onWire, rest } from './action.ts';
import type { Transit } from './network.ts';
import { portalReply } from './replies.ts';
import { settle, type World } from './world.ts';

const SECOND = 1_000;

const arrive = ({ network, servers }: World, transit: Transit, pick: number): void => {
  const server = choose(servers, pick);
  if (server !== undefined) network.arrive(transit, server);
};

const carryOut = async (world: World, transit: Transit, pick: number): Promise<void> => {
  arrive(world, transit, pick);
  while (transit.stage === 'working') {
    await settle();
    world.network.proceed(transit);
  }
};

/** Carries a request all the way, and back. */
export const flow = async (world: World, transit: Transit, pick = 0): Promise<void> => {
  await carryOut(world, transit, pick);
  world.network.deliver(transit);
};

const loseAnswer = async (world: World, transit: Transit, pick: number): Promise<void> => {
  await carryOut(world, transit, pick);
  world.network.lose(transit);
};

/** Lets time go by in which the network works. */
export const calm = async (world: World, milliseconds: number, pick = 0): Promise<void> => {
  const { clock, network } = world;
  for (let left = milliseconds; left > 0; left -= 5 * SECOND) {
    await settle();
    for (const transit of [...network.underWay()]) await flow(world, transit, pick);
    await clock.advance(Math.min(5 * SECOND, left));
  }
};

/** Mostly moments, sometimes a window or two, seldom minutes. */
const durationOf = (pick: number): number => {
  const seconds = choose([2, 2, 2, 15, 15, 40, 130, 300], pick) ?? 0;
  return (rest(pick, 8) % (seconds * 100)) * 10;
};

const failStatement: Action = onWire((_world, { job }) => job?.fail(refuse('unavailable')));

/** What networks, servers and time do. */
export const wireActions: Actions = {
  flow: [22, onWire(flow)],
  arrive: [10, onWire(arrive)],
  proceed: [10, onWire(({ network }, transit) => network.proceed(transit))],
  deliver: [10, onWire(({ network }, transit) => network.deliver(transit))],
  'deliver the cookies only': [2, onWire(({ network }, transit) => network.deliver(transit, { cookiesOnly: true }))],
  'lose the answer': [6, onWire(loseAnswer)],
  lose: [4, onWire(({ network }, transit) => network.lose(transit))],
  double: [2, onWire(({ network }, transit) => network.double(transit))],
  'captive portal': [1, onWire(({ network }, transit) => network.intercept(transit, portalReply))],
  'fail a statement': [1, failStatement],
  'restart a server': [1, ({ servers }, pick) => choose(servers, pick)?.restart()],
  'change the keys': [1.5, ({ tokens }) => tokens.outdate()],
  wait: [10, ({ clock }, pick) => clock.advance(durationOf(pick))],
  'calm time': [4, (world, pick) => calm(world, durationOf(pick), pick)],
};
