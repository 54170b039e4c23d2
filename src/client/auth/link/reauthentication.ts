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
  proven: Promise<void>;
  waiting: number;
  end: () => void;
}

/** One prompt for however many calls wait for it. */
export const createReauthentication = (): Reauthentication => {
  let handler: ReauthenticationHandler | null = null;
  let prompt: Prompt | null = null;

  const open = (demand: ReauthenticationDemand): Prompt => {
    const controller = new AbortController();
    const { signal } = controller;
    const proven = new Promise<void>((resolve, reject) => {
      listen([signal], ['abort'], reject);
      // Not in the midst of the call that asks: what the handler does may end that call.
      Promise.resolve({ ...demand, signal })
        .then(handler ?? reject)
        .then(resolve, reject);
    });
    const end = (): void => {
      if (prompt === mine) prompt = null;
      controller.abort();
    };
    const mine = { proven, waiting: 0, end };
    proven.then(end, end);
    return mine;
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
    join(demand) {
      const joined = (prompt ??= open(demand));
      joined.waiting += 1;
      return {
        proven: joined.proven,
        leave() {
          joined.waiting -= 1;
          if (joined.waiting === 0) joined.end();
        },
      };
    },
  };
};
