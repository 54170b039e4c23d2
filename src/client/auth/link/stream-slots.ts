import type { AuthEnvironment, StreamLocks } from '../environment.ts';

/** Of the six connections that a browser makes to a host over HTTP/1.1, for all its tabs: the others are for calls. */
const SLOTS = [1, 2, 3, 4].map((number) => `latchkey-stream-${number}`);

/** After so long a stream makes room, if one in another tab waits for it. */
const SHARE_AFTER_MS = 2_000;

/** Where nobody can say that they wait, a stream makes room every so often. */
const YIELD_AFTER_MS = 5_000;

export interface StreamSlot {
  /** The stream stands. Until then it may itself wait for a connection, and has none to make room with. */
  connected: () => void;
  /** Gives up the slot, or the wait for it. */
  release: () => void;
}

const requestSlot = (
  locks: StreamLocks,
  setTimer: AuthEnvironment['setTimer'],
  onTaken: () => void,
  onWanted: () => void,
  onForbidden: () => void,
): (() => void) => {
  const waiting = new AbortController();
  let isGivenUp = false;
  let giveBack: (() => void) | undefined;
  let stopTimer: (() => void) | undefined;

  const share = (): void => {
    stopTimer = setTimer(() => {
      locks.query().then(({ pending = [] }) => {
        if (isGivenUp) return;
        if (pending.some(({ name = '' }) => SLOTS.includes(name))) onWanted();
        else share();
      }, share);
    }, SHARE_AFTER_MS);
  };
  const take = (): Promise<void> | undefined => {
    // Two at once may become free.
    if (isGivenUp || giveBack) return undefined;
    return new Promise((resolve) => {
      giveBack = resolve;
      waiting.abort();
      share();
      onTaken();
    });
  };
  const giveUp = (): void => {
    isGivenUp = true;
    stopTimer?.();
    waiting.abort();
    giveBack?.();
  };

  for (const slot of SLOTS) {
    locks.request(slot, { signal: waiting.signal }, take).catch(() => {
      if (waiting.signal.aborted) return;
      giveUp();
      onForbidden();
    });
  }
  return giveUp;
};

/**
 * Waits for room for one more stream. Hidden tabs have none open, so this matters where many windows stand side by
 * side: they then take turns, and each resumes where it was.
 *
 * Without locks the browser's own queue gives the turns: a stream that is closed and opened again stands behind the
 * calls, pages and streams of all windows that wait for a connection. Where none waits it is back at once.
 */
export const takeStreamSlot = (
  { hasFewConnections, streamLocks, setTimer }: Pick<AuthEnvironment, 'hasFewConnections' | 'streamLocks' | 'setTimer'>,
  onTaken: () => void,
  /** Another window wants the room: it is to be given up, and may be asked for again. */
  onWanted: () => void,
): StreamSlot => {
  let isQueued = false;
  let release: (() => void) | undefined;
  const queue = (): void => {
    isQueued = true;
    onTaken();
  };

  if (!hasFewConnections) onTaken();
  else if (!streamLocks) queue();
  else release = requestSlot(streamLocks, setTimer, onTaken, onWanted, queue);

  return {
    connected() {
      if (isQueued) release = setTimer(onWanted, YIELD_AFTER_MS);
    },
    release: () => release?.(),
  };
};
