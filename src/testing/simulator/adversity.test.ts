import { expect, test } from 'vitest';
import { checkScenario, isFullRun, TIMEOUT } from './check-scenario.ts';

test(
  'a thief is found out, and nobody is taken for one',
  async () => {
    const figures = await checkScenario('thief');
    if (!isFullRun) return;
    expect(figures.of('thieves caught in the end')).toBeGreaterThan(0);
    expect(figures.of('repeated forks that an operator is told of')).toBeGreaterThan(0);
  },
  TIMEOUT,
);

test(
  'a failover that loses the last writes ends no session but in the known corners',
  async () => {
    const figures = await checkScenario('failover');
    if (isFullRun) expect(figures.of('corner: failover that lost a login')).toBeGreaterThan(0);
  },
  TIMEOUT,
);

test(
  'requests and answers that come later than the rules assume seldom end a session',
  async () => {
    const figures = await checkScenario('late');
    const ended = figures.of('corner: a request or an answer that came too late');
    expect(ended / Math.max(1, figures.of('refresh: answered'))).toBeLessThan(0.01);
  },
  TIMEOUT,
);
