import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type * as OperationRun from '#client/auth/link/operation-run.ts';
import type * as IdentityModule from '#client/auth/session/identity.ts';
import type * as SessionEnding from '#client/auth/session/session-end.ts';
import type * as RevocationsModule from '#server/auth/gate/revocations.ts';
import type * as Granting from '#server/auth/sessions/granting.ts';
import type * as Rotation from '#server/auth/sessions/rotation.ts';
import type { ScenarioName } from './scenarios.ts';
import { shareOf, USUAL_STEPS } from './steps.ts';
import { CHECKS } from './violations.ts';

beforeEach(() => vi.resetModules());
afterEach(() => {
  for (const path of mocked.splice(0)) vi.doUnmock(path);
  untouched.clear();
});

const mocked: string[] = [];
/** Those whose module nobody has imported since. */
const untouched = new Set<string>();

/** Puts a broken part in the place of one of a module's own, for everything that is imported from now on. */
const breakModule = <Module extends object>(path: string, broken: (intact: Module) => Partial<Module>): void => {
  mocked.push(path);
  untouched.add(path);
  vi.doMock(path, async (importIntact) => {
    untouched.delete(path);
    const intact = await importIntact<Module>();
    return { ...intact, ...broken(intact) };
  });
};

/** The check that finds out, by the first run that fails. */
const caughtBy = async (scenario: ScenarioName = 'honest'): Promise<string | undefined> => {
  const { runScenario } = await import('./run-scenario.ts');
  const { SCENARIOS } = await import('./scenarios.ts');
  const { finding } = await runScenario(SCENARIOS[scenario], {
    steps: shareOf(scenario, USUAL_STEPS),
    seed: 1,
    shrink: false,
  });
  expect(untouched, 'a module that has moved is not broken by its old path').toEqual(new Set());
  return finding?.error instanceof Error ? finding.error.message.split(':')[0] : undefined;
};

test('rotation without a leeway is caught', async () => {
  breakModule<typeof Rotation>('#server/auth/sessions/rotation.ts', ({ decideRotation }) => ({
    decideRotation: (state, token, now, policy) => decideRotation(state, token, now, { ...policy, leewayMs: 0 }),
  }));
  expect(await caughtBy()).toBe(CHECKS.rotation);
});

test('a thief of whom nobody is told is caught', async () => {
  breakModule<{ REPEATED_FORKS: number }>('#server/auth/sessions/rotation.ts', () => ({ REPEATED_FORKS: Infinity }));
  expect(await caughtBy('thief')).toBe(CHECKS.theft);
});

test('a proof that a copy of the refresh cookie adds to its own is caught', async () => {
  breakModule<typeof Granting>('#server/auth/sessions/granting.ts', () => ({
    provenBy: ({ fresh }) => fresh?.times,
  }));
  expect(await caughtBy('thief')).toBe(CHECKS.elevation);
}, 120_000);

test('a gate that takes tokens from before a proof is caught', async () => {
  breakModule<typeof RevocationsModule>('#server/auth/gate/revocations.ts', ({ createRevocations }) => ({
    createRevocations(options) {
      const revocations = createRevocations(options);
      return { ...revocations, statusOf: (holder) => revocations.statusOf({ ...holder, sver: Infinity }) };
    },
  }));
  expect(await caughtBy()).toBe(CHECKS.logout);
});

test('a retry by the HTTP status is caught', async () => {
  breakModule<typeof OperationRun>('#client/auth/link/operation-run.ts', ({ refusalDataOf }) => ({
    refusalDataOf(error) {
      const data = refusalDataOf(error);
      return data['httpStatus'] === 401 ? { reason: 'access_token_expired', ...data } : data;
    },
  }));
  expect(await caughtBy()).toBe(CHECKS.retry);
});

test('a retry of what nobody answered is caught', async () => {
  breakModule<typeof OperationRun>('#client/auth/link/operation-run.ts', ({ refusalDataOf }) => ({
    refusalDataOf: (error) => (error.data === undefined ? { reason: 'access_token_expired' } : refusalDataOf(error)),
  }));
  expect(await caughtBy()).toBe(CHECKS.retry);
});

test('a session that any failure clears is caught', async () => {
  breakModule<typeof SessionEnding>('#client/auth/session/session-end.ts', ({ sessionEndOf }) => ({
    sessionEndOf: (data) => sessionEndOf(data) ?? { reason: 'session_expired' },
  }));
  expect(await caughtBy()).toBe(CHECKS.honest);
});

test('calls that outlive their user are caught', async () => {
  breakModule<typeof IdentityModule>('#client/auth/session/identity.ts', ({ createIdentity }) => ({
    createIdentity(initial) {
      const identity = createIdentity(initial);
      const open = () => ({ ...identity.open(() => undefined), isCurrent: () => true });
      return { ...identity, open };
    },
  }));
  expect(await caughtBy()).toBe(CHECKS.identity);
});
