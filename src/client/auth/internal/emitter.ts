import { runForApp } from './run-for-app.ts';

export interface Emitter {
  emit: () => void;
  /** Returns an unsubscribe function. */
  subscribe: (listener: () => void) => () => void;
}

/**
 * A set of listeners. One that throws is reported as an unhandled rejection and stops neither the others nor the
 * engine.
 */
export const createEmitter = (): Emitter => {
  const listeners = new Set<() => void>();
  return {
    emit() {
      for (const listener of Array.from(listeners)) runForApp(listener);
    },
    subscribe(listener) {
      // Wrapped, so that one function that is subscribed twice is also unsubscribed twice.
      const entry = (): void => listener();
      listeners.add(entry);
      return () => {
        listeners.delete(entry);
      };
    },
  };
};
