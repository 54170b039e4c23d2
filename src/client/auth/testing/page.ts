import type { TestClock } from './clock.ts';

export interface TestPage {
  /** Runs the task of the page now, when the page is thawed, or never, once it is closed. */
  run: (task: () => void) => void;
  setTimer: TestClock['setTimer'];
  /**
   * Stops everything in the page, as a laptop lid does, or a browser to a tab that was not seen for long. Time goes on.
   */
  freeze: () => void;
  /** Goes on, beginning with what fell due meanwhile. */
  thaw: () => void;
  close: () => void;
  /** Calls once the page is closed, at once if it is. */
  onClose: (listener: () => void) => void;
  isFrozen: () => boolean;
  isClosed: () => boolean;
}

/** One page's event loop. */
export const createTestPage = (clock: Pick<TestClock, 'setTimer'>): TestPage => {
  let isFrozen = false;
  let isClosed = false;
  let held: (() => void)[] = [];
  let closeListeners: (() => void)[] = [];

  const run = (task: () => void): void => {
    if (isClosed) return;
    if (isFrozen) held.push(task);
    else task();
  };

  return {
    run,
    setTimer(task, milliseconds) {
      let isOff = false;
      const stop = clock.setTimer(() => run(() => void (isOff || task())), milliseconds);
      return () => {
        isOff = true;
        stop();
      };
    },
    freeze() {
      isFrozen = true;
    },
    thaw() {
      isFrozen = false;
      const tasks = held;
      held = [];
      for (const task of tasks) run(task);
    },
    close() {
      isClosed = true;
      held = [];
      for (const listener of closeListeners) listener();
      closeListeners = [];
    },
    onClose(listener) {
      if (isClosed) listener();
      else closeListeners.push(listener);
    },
    isFrozen: () => isFrozen,
    isClosed: () => isClosed,
  };
};
