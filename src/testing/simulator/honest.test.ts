import { expect, test } from 'vitest';
import { checkScenario, isFullRun, TIMEOUT } from './check-scenario.ts';

test(
  'under every fault: nobody is logged out, no call runs twice, every waiter settles, nothing lives after logout',
  async () => {
    const figures = await checkScenario('honest');
    if (!isFullRun) return;
    for (const what of [
      'rotations',
      'forks',
      'replays that moved the window',
      'refresh: unavailable',
      'ended: logout',
      'ended: renewed',
      'corner: the answer to a changed password was lost',
      'grants with two kinds of proof',
    ]) {
      expect({ what, count: figures.of(what) }).not.toEqual({ what, count: 0 });
    }
    expect(figures.of('ended: reuse')).toBe(0);
  },
  TIMEOUT,
);

test(
  'the same in sessions that last',
  async () => {
    const figures = await checkScenario('long sessions');
    expect(figures.of('ended: reuse')).toBe(0);
  },
  TIMEOUT,
);
