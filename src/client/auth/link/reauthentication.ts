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
  isRecord(value) && typeof value['maxAge'] === 'number' && Array.isArray(value['methods']);

export interface Reauthentication {
  /** Names who asks. Returns the way to take it back. The latest one asks. */
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
  handler: ReauthenticationHandler | undefined;
  proven: Promise<void>;
  waiting: number;
  end: () => void;
}

/** One prompt for however many calls wait for it. */
export const createReauthentication = (): Reauthentication => {
  let handlers: ReauthenticationHandler[] = [];
  let prompt: Prompt | null = null;

  const open = (demand: ReauthenticationDemand): Prompt => {
    const handler = handlers.at(-1);
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
    const mine: Prompt = { handler, proven, waiting: 0, end };
    proven.then(end, end);
    return mine;
  };

  return {
    handle(handler) {
      handlers = [...handlers, handler];
      return () => {
        handlers = handlers.filter((other) => other !== handler);
        if (prompt?.handler === handler) prompt.end();
      };
    },
    isHandled: () => handlers.length > 0,
    join(demand) {
      prompt ??= open(demand);
      const joined = prompt;
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
