/** Wakes those who listen to a user's notes. Says only that something has changed: what it was is read from the store. */
export interface NoteSignals {
  wake(userId: string): void;
  /** For when it is not known what was missed. */
  wakeAll(): void;
  listen(userId: string): NoteListener;
}

export interface NoteListener {
  /** Settles when something has changed since the last call, or the signal aborts. */
  changed(signal: AbortSignal | undefined): Promise<void>;
  close(): void;
}

export const createNoteSignals = (): NoteSignals => {
  const listeners = new Map<string, Set<() => void>>();

  return {
    wake: (userId) => {
      for (const wake of listeners.get(userId) ?? []) wake();
    },
    wakeAll: () => {
      for (const ofUser of listeners.values()) for (const wake of ofUser) wake();
    },
    listen: (userId) => {
      let hasChanged = false;
      let settle = (): void => {};
      const wake = (): void => {
        hasChanged = true;
        settle();
      };
      const ofUser = listeners.get(userId) ?? new Set();
      listeners.set(userId, ofUser.add(wake));

      return {
        changed: async (signal) => {
          await new Promise<void>((resolve) => {
            settle = () => {
              signal?.removeEventListener('abort', settle);
              resolve();
            };
            signal?.addEventListener('abort', settle);
            if (hasChanged || signal?.aborted) settle();
          });
          hasChanged = false;
        },
        close: () => {
          ofUser.delete(wake);
          if (ofUser.size === 0 && listeners.get(userId) === ofUser) listeners.delete(userId);
        },
      };
    },
  };
};
