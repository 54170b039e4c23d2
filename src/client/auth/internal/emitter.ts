import { runForApp } from './run-for-app.ts';

export interface Emitter<Value> {
  emit: (value: Value) => void;
  /** Returns an unsubscribe function. */
  subscribe: (listener: (value: Value) => void) => () => void;
}

/**
 * A set of listeners. One that throws is reported as an unhandled rejection and stops neither the others nor the
 * engine.
 */
export const createEmitter = <Value = void>(): Emitter<Value> => {
  const listeners = new Set<(value: Value) => void>();
  return {
    emit(value) {
      // A snapshot: who is told may subscribe at once, and hears of what comes next.
      for (const listener of Array.from(listeners)) runForApp(() => listener(value));
    },
    subscribe(listener) {
      // Wrapped, so that one function that is subscribed twice is also unsubscribed twice.
      const entry = (value: Value): void => listener(value);
      listeners.add(entry);
      return () => {
        listeners.delete(entry);
      };
    },
  };
};
