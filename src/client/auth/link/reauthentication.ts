import type { ReauthenticationDemand } from '../../../shared/auth/proofs.ts';
import { listen } from '../internal/listen.ts';
import { isRecord } from '../internal/record.ts';

/** What a person is asked to prove. */
export interface ReauthenticationRequest extends ReauthenticationDemand {
  /** Aborted once it is over, however: no call waits for it any more, or its handler was taken away. */
  signal: AbortSignal;
}

/** Asks the person. Resolves when all is proven, and rejects when they would not. */
export type ReauthenticationHandler = (request: ReauthenticationRequest) => Promise<void>;

/**
 * The demand in a refusal's data: the gate's middleware puts it there, before the resolver has run, and nobody else.
 */
export const demandIn = ({ reauthenticate }: Record<string, unknown>): ReauthenticationDemand | null =>
  isDemand(reauthenticate) ? reauthenticate : null;

const isDemand = (value: unknown): value is ReauthenticationDemand =>
  isRecord(value) && Array.isArray(value['methods']);

export interface Reauthentication {
  /** Names who asks, in place of who did before. Returns the way to take it back. */
  handle: (handler: ReauthenticationHandler) => () => void;
  /** Whether there is anybody who asks. */
  isHandled: () => boolean;
  /**
   * Asks, or waits with the calls that wait already. `proven` rejects when the person would not, or can no longer be
   * asked. Call `leave` once, when it no longer matters.
   */
  join: (demand: ReauthenticationDemand) => { proven: Promise<void>; leave: () => void };
}

interface Prompt {
  join: () => ReturnType<Reauthentication['join']>;
  end: () => void;
}

/** One prompt for however many calls wait for it. */
export const createReauthentication = (): Reauthentication => {
  let handler: ReauthenticationHandler | null = null;
  let prompt: Prompt | null = null;

  const open = (demand: ReauthenticationDemand): Prompt => {
    const controller = new AbortController();
    const { signal } = controller;
    let waiting = 0;
    const proven = new Promise<void>((resolve, reject) => {
      // Heard once: whoever leaves later ends no prompt that was opened since.
      listen([signal], ['abort'], () => {
        prompt = null;
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- it is an AbortError
        reject(signal.reason);
      });
      // Not in the midst of the call that asks: what the handler does may end that call.
      Promise.resolve({ ...demand, signal })
        .then(handler ?? reject)
        .then(resolve, reject);
    });
    const end = (): void => controller.abort();
    proven.then(end, end);
    return {
      end,
      join() {
        waiting += 1;
        return {
          proven,
          leave() {
            waiting -= 1;
            if (waiting === 0) end();
          },
        };
      },
    };
  };

  return {
    handle(next) {
      handler = next;
      return () => {
        if (handler !== next) return;
        handler = null;
        prompt?.end();
      };
    },
    isHandled: () => handler !== null,
    join: (demand) => (prompt ??= open(demand)).join(),
  };
};
