import type { AuthEnvironment } from './environment.ts';
import type { TabLocks } from './turns.ts';

/** As much of Web Locks as sharing takes: `navigator.locks` is one. */
export interface StreamLocks extends TabLocks {
  query: () => Promise<{ pending?: { name?: string }[] }>;
}

/** Of the six connections that a browser makes to a host over HTTP/1.1, for all its tabs: the others are for calls. */
const SLOTS = ['latchkey-stream-1', 'latchkey-stream-2', 'latchkey-stream-3', 'latchkey-stream-4'];

/** After so long a stream makes room, if one in another tab waits for it. */
const SHARE_AFTER_MS = 2_000;

/**
 * Waits for room for one more stream. Hidden tabs have none open, so this matters where many windows stand side by side: they
 * then take turns, and each resumes where it was. Returns the way to give up the slot, or the wait for it.
 */
export const takeStreamSlot = (
  { streamLocks: locks, setTimer }: Pick<AuthEnvironment, 'streamLocks' | 'setTimer'>,
  { onTaken, onWanted }: { onTaken: () => void; onWanted: () => void },
): (() => void) => {
  if (!locks) {
    onTaken();
    return () => undefined;
  }
  const waiting = new AbortController();
  let isGivenUp = false;
  let release: (() => void) | null = null;
  let stopTimer = (): void => undefined;

  const share = (): void => {
    stopTimer = setTimer(() => {
      locks.query().then(({ pending = [] }) => {
        if (isGivenUp) return;
        if (pending.some(({ name }) => name !== undefined && SLOTS.includes(name))) onWanted();
        else share();
      }, share);
    }, SHARE_AFTER_MS);
  };
  const take = (): Promise<void> | undefined => {
    // Two at once may become free.
    if (isGivenUp || release !== null) return undefined;
    return new Promise((resolve) => {
      release = resolve;
      waiting.abort();
      share();
      onTaken();
    });
  };

  for (const slot of SLOTS) {
    locks.request(slot, { signal: waiting.signal }, take).catch(() => {
      // There are no locks to be had here after all.
      if (!waiting.signal.aborted) void take();
    });
  }
  return () => {
    isGivenUp = true;
    stopTimer();
    waiting.abort();
    release?.();
  };
};
