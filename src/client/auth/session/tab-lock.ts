import type { AuthEnvironment } from '../environment.ts';
import { listen, type Signals, together } from '../internal/listen.ts';

const NAME = 'latchkey';

/** A tab that is frozen or has crashed with the lock in its hand holds nobody up for longer. */
const MAX_WAIT_MS = 3_000;

/** Runs what writes cookies, one tab after the other. Any of the signals ends the waiting for it. */
export type TabLock = <Result>(signals: Signals, run: () => Promise<Result>) => Promise<Result>;

/**
 * The lock that the tabs of this browser share, where it has Web Locks, and as long as they let us. It saves races and
 * is no condition for anything: the server's rotation copes with all tabs at once.
 */
export const createTabLock =
  ({ locks, setTimer }: Pick<AuthEnvironment, 'locks' | 'setTimer'>): TabLock =>
  (signals, run) => {
    if (!locks) return run();
    return new Promise((resolve) => {
      const waiting = new AbortController();
      let hasBegun = false;
      const begin = (): Promise<unknown> | undefined => {
        if (hasBegun) return undefined;
        hasBegun = true;
        stopWaiting();
        const result = run();
        resolve(result);
        return result;
      };
      const goOn = (): void => {
        waiting.abort();
        void begin();
      };
      const stopWaiting = together(setTimer(goOn, MAX_WAIT_MS), listen(signals, ['abort'], goOn));
      // What `run` rejects with is the caller's; all else means that there is no lock to be had.
      locks.request(NAME, { signal: waiting.signal }, begin).catch(begin);
    });
  };
