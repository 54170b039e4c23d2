import { type Action, type Actions, choose, rest } from './action.ts';
import { MANNERS } from './thief.ts';
import { settle } from './world.ts';

/** The thief refreshes by one of the servers. Now and then the answer is lost. */
export const refreshAsThief: Action = async ({ thief, servers }, pick) => {
  const server = choose(servers, pick);
  const fate = rest(pick, 2);
  const job =
    server && thief.refresh(server, { isAnswerLost: fate % 5 === 4, presentsStolen: rest(fate, 5) % 2 === 1 });
  // It reads, and perhaps it writes.
  for (let statement = 0; statement < 2; statement += 1) {
    await settle();
    job?.proceed();
  }
  await settle();
};

export const thiefActions: Actions = {
  steal: [2, ({ thief }, pick) => thief.steal(choose(MANNERS, pick))],
  'refresh as the thief': [4, refreshAsThief],
};

/** A replica takes over that has not seen the last writes. */
export const failoverActions: Actions = {
  'fail over': [1, ({ rows }, pick) => rows.failOver(1 + (pick % 3))],
};
