import { createTRPCUntypedClient } from '@trpc/client';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reauthenticate } from '../features/step-up/index.ts';
import { reasonOf } from '../index.ts';
import { createAuthKit } from '../testing/index.ts';

const KINDS = [
  ...(['call', 'call', 'call', 'backgroundQuery', 'abort', 'confirm', 'confirm', 'confirmWrongly', 'cancel'] as const),
  ...(['age', 'age', 'expire', 'refuseAgain', 'signOut', 'signIn', 'hide', 'show', 'stopHandling', 'handle'] as const),
  ...(['throwing', 'otherTabProves', 'lose'] as const),
];

/** What can happen between any two promises. */
const anyStep = fc.record({
  kind: fc.constantFrom(...KINDS),
  pick: fc.nat(100),
  /** Whether promises run before the next step. If not, both happen in one turn. */
  pause: fc.boolean(),
});
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

interface OpenPrompt {
  signal: AbortSignal;
  confirm: (password: string) => void;
  cancel: () => void;
}

/** How a call ended. */
type Outcome = { data: unknown } | { error: unknown };

/** A tab and another one of the same browser, whose calls ask for a fresh proof. */
const createWorld = async () => {
  const ranAs = new Map<unknown, (string | null)[]>();
  const kit = createAuthKit({
    freshProcedures: {
      'notes.purge': ({ input, user }) => {
        ranAs.set(input, [...(ranAs.get(input) ?? []), user.username]);
        return input;
      },
    },
  });
  kit.signedIn('ada');
  const [tab, other] = [kit.openTab(), kit.openTab()];
  for (const { auth } of [tab, other]) auth.start();
  await kit.settle();
  const client = createTRPCUntypedClient({ links: tab.auth.links() });
  const prompts: OpenPrompt[] = [];
  const calls: { madeBy: string | null; controller: AbortController; outcome: () => Outcome | undefined }[] = [];
  let isVisible = true;
  let isThrowing = false;
  let stopHandling = (): void => undefined;

  const handle = (): void => {
    stopHandling();
    stopHandling = tab.auth.onReauthenticate(({ signal }) => {
      expect(isVisible, 'a tab that nobody sees asks nobody').toBe(true);
      if (isThrowing) throw new Error('A defect.');
      return new Promise((resolve, reject) => {
        prompts.push({
          signal,
          confirm: (password) => void reauthenticate(tab.auth, { password }).then(resolve, () => undefined),
          cancel: () => reject(new Error('No.')),
        });
      });
    });
  };
  handle();

  const openPrompts = (): OpenPrompt[] => prompts.filter(({ signal }) => !signal.aborted);

  const call = (type: 'mutation' | 'query'): void => {
    const controller = new AbortController();
    const state = tab.auth.getState();
    let outcome: Outcome | undefined;
    client[type]('notes.purge', calls.length, { signal: controller.signal }).then(
      (data) => {
        outcome = { data };
      },
      (error: unknown) => {
        outcome = { error };
      },
    );
    const madeBy = state.status === 'authenticated' ? state.user.username : null;
    calls.push({ madeBy, controller, outcome: () => outcome });
  };

  const show = (visible: boolean): void => {
    isVisible = visible;
    tab.show(visible);
  };

  const steps: Record<Step['kind'], (pick: number) => void> = {
    call: () => call('mutation'),
    backgroundQuery: () => call('query'),
    abort: (pick) => calls[pick % Math.max(1, calls.length)]?.controller.abort(),
    confirm: () => openPrompts()[0]?.confirm('right'),
    confirmWrongly: () => openPrompts()[0]?.confirm('wrong'),
    cancel: () => openPrompts()[0]?.cancel(),
    age: kit.expireProofs,
    expire: kit.expireAccessTokens,
    refuseAgain: () => kit.refuseNext('reauthentication_required', 'notes.purge'),
    lose: () => kit.loseNextResponse('notes.purge'),
    signOut: () => void tab.auth.signOut(),
    signIn: (pick) => {
      const username = pick % 2 ? 'ada' : 'bob';
      void tab.auth.signIn({ username, password: 'x' }).catch(() => undefined);
    },
    hide: () => show(false),
    show: () => show(true),
    stopHandling: () => stopHandling(),
    handle,
    throwing: (pick) => {
      isThrowing = pick % 2 === 0;
    },
    otherTabProves: () => void reauthenticate(other.auth, { password: 'right' }).catch(() => undefined),
  };

  /** The promises that hold after every step. */
  const check = (): void => {
    expect(openPrompts().length, 'prompts at once').toBeLessThanOrEqual(1);
    for (const [id, users] of ranAs) {
      expect(users.length, `times that call ${String(id)} was carried out`).toBe(1);
      const madeBy = calls[Number(id)]?.madeBy;
      if (madeBy) expect(users[0], `call ${String(id)} carried out as`).toBe(madeBy);
    }
  };

  return { kit, steps, calls, check, openPrompts, show };
};

test('in any order of faults: one prompt at a time, no resolver twice or as another, and every call settles', async () => {
  let held = 0;
  let asked = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 40 }), async (steps) => {
      const { kit, steps: take, calls, check, openPrompts, show } = await createWorld();
      kit.expireProofs();
      for (const { kind, pick, pause } of steps) {
        take[kind](pick);
        if (pause) await kit.settle();
        check();
        asked += openPrompts().length;
      }
      // What is open is answered, and what waits to be seen is seen.
      show(true);
      for (let round = 0; round < 4; round += 1) {
        await kit.settle();
        openPrompts()[0]?.cancel();
        await kit.clock.advance(10_000);
        check();
      }
      for (const { outcome } of calls) {
        const settled = outcome();
        expect(settled, 'a call settled').toBeDefined();
        if (settled && 'error' in settled && reasonOf(settled.error) === 'reauthentication_required') held += 1;
      }
      expect(openPrompts(), 'no call, no prompt').toEqual([]);
    }),
    { numRuns: 60 },
  );
  expect(held).toBeGreaterThan(20);
  expect(asked).toBeGreaterThan(20);
}, 60_000);
