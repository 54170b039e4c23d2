import { LEEWAY, SERVER_SKEW, TELLING_FORKS } from './rules.ts';
import { refreshAsThief } from './thief-actions.ts';
import { calm } from './wire-actions.ts';
import type { World } from './world.ts';

const SECOND = 1_000;
const TURNS = 3;

/** Lets time go by until nobody is answered any more with what somebody else was given. */
const untilWindowIsShut = async (world: World, sid: string): Promise<void> => {
  const opened = (): number => world.rows.get(sid)?.state.handedAt ?? 0;
  while (world.clock.now() - opened() < LEEWAY + SERVER_SKEW) await calm(world, 5 * SECOND);
};

const refreshAsOwner = async (world: World): Promise<void> => {
  const [tab] = world.tabs();
  tab?.client.mutation('auth.refresh').catch(() => undefined);
  await calm(world, 5 * SECOND);
};

/** Rounds in which a thief who keeps presenting the stolen token rotates once, and then forks as often as it takes. */
const STUBBORN_ROUNDS = TELLING_FORKS + 1;

/**
 * While the owner is away, a thief who keeps presenting the stolen token is found out, or an operator is told:
 * they look like somebody whose answers are lost, and so the session is not ended for it.
 */
const persist = async (world: World, sid: string): Promise<void> => {
  const { rows, watch, judge } = world;
  for (let round = 0; round < STUBBORN_ROUNDS && rows.isLive(sid); round += 1) {
    await untilWindowIsShut(world, sid);
    await refreshAsThief(world, 0);
  }
  if (rows.isLive(sid) && !judge.isTold(sid)) watch.violated('theft', 'nobody is told of a thief who goes on');
};

/**
 * Whatever came before: once thief and owner have each refreshed outside of the window, the next refresh of the one who
 * was left behind ends the session.
 */
export const catchThief = async (world: World): Promise<void> => {
  const { thief, jar, rows, watch, figures } = world;
  const sid = thief.sid();
  if (sid === null || sid !== jar.sid() || !rows.isLive(sid)) return;

  // A hidden tab refreshes when it has to, and not by itself: in each other's window, neither is left behind.
  for (const { show } of world.tabs()) show(false);
  if (thief.isStubborn()) await persist(world, sid);
  for (let turn = 0; turn < TURNS && rows.isLive(sid); turn += 1) {
    await untilWindowIsShut(world, sid);
    await refreshAsThief(world, 0);
    await untilWindowIsShut(world, sid);
    await refreshAsOwner(world);
  }
  if (rows.isLive(sid)) watch.violated('theft', `the session lives after ${TURNS} turns of each`);
  figures.count('thieves caught in the end');
  watch.report();
};
