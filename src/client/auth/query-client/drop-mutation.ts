import { IdentityChangedError } from '../errors.ts';

/** A mutation of TanStack Query 5, by its shape. */
export interface MutationLike {
  state: { status: string };
  setOptions(options: object): void;
  execute(variables: undefined): Promise<unknown>;
  continue(): Promise<unknown>;
}

const IDLE = {
  context: undefined,
  data: undefined,
  error: null,
  failureCount: 0,
  failureReason: null,
  isPaused: false,
  status: 'idle',
  variables: undefined,
  submittedAt: 0,
} as const;

/** Of a mutation that was under way when the page was left: it is taken up without any of its callbacks. */
const TAKEN_UP = { ...IDLE, status: 'pending' } as const;

/**
 * Takes the past and the future from a mutation. TanStack Query has no way to cancel one: its function and its
 * callbacks are looked up when they are called, so they are replaced, and so is its state, by which its observers know
 * it.
 *
 * - It is not sent again, whatever it waits for: its back-off, the network, the focus or another mutation.
 * - None of its callbacks is called, nor those given to `mutate`.
 * - A component that shows it shows one that was never started.
 * - A promise of it that is awaited rejects with an `IdentityChangedError`, when the mutation would have gone on.
 */
export const dropMutation = (mutation: MutationLike): void => {
  let isDropped = false;
  Object.defineProperty(mutation, 'state', {
    get: () => (isDropped ? IDLE : TAKEN_UP),
    set(next: { status: string }) {
      // What it came to is told to nobody, but to who awaits it.
      if (isDropped && next.status !== 'idle') throw new IdentityChangedError();
      isDropped = true;
    },
  });
  // To take it up is the one way to tell its observers without a callback being called.
  mutation.setOptions({ mutationFn: () => new Promise(() => undefined), networkMode: 'always' });
  void mutation.continue();
  if (!isDropped) void mutation.execute(undefined);
  mutation.setOptions({ mutationFn: () => Promise.reject(new IdentityChangedError()) });
};
