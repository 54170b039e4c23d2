import { type Action, type Actions, choose, rest } from './action.ts';
import { MANNERS } from './thief.ts';
import { settle, type World } from './world.ts';

/** The thief refreshes by one of the servers, or proves. Now and then the answer is lost. */
const actAsThief = async ({ thief, servers }: World, pick: number, hasPassword: boolean): Promise<void> => {
  const server = choose(servers, pick);
  const fate = rest(pick, 2);
  const job =
    server &&
    thief.refresh(server, { isAnswerLost: fate % 5 === 4, presentsStolen: rest(fate, 5) % 2 === 1, hasPassword });
  // It reads, and perhaps it writes.
  for (let statement = 0; statement < 2; statement += 1) {
    await settle();
    job?.proceed();
  }
  await settle();
};

export const refreshAsThief: Action = (world, pick) => actAsThief(world, pick, false);

/** With an access token from just before, since the owner's proofs make older ones stale. */
const proveAsThief: Action = async (world, pick) => {
  await actAsThief(world, pick % 2, false);
  await actAsThief(world, pick, true);
};

export const thiefActions: Actions = {
  steal: [2, ({ thief }, pick) => thief.steal(choose(MANNERS, pick))],
  'refresh as the thief': [4, refreshAsThief],
  'prove as the thief': [2, proveAsThief],
};

/** A replica takes over that has not seen the last writes. */
export const failoverActions: Actions = {
  'fail over': [1, ({ rows }, pick) => rows.failOver(1 + (pick % 3))],
};
