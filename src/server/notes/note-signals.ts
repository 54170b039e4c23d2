/**
 * Wakes those who listen to a user's notes. Says only that something has changed: what it was is read from the store.
 */
export interface NoteSignals {
  wake(userId: string): void;
  /** For when it is not known what was missed. */
  wakeAll(): void;
  listen(userId: string): NoteListener;
}

export interface NoteListener {
  /** Settles when something has changed since the last call, or the signal aborts. */
  changed(signal: AbortSignal | undefined): Promise<void>;
  /** Rises with whatever may have changed something of this user's. */
  version(): number;
  close(): void;
}

interface Listeners {
  wakes: Set<() => void>;
  version: number;
}

export const createNoteSignals = (): NoteSignals => {
  const listeners = new Map<string, Listeners>();
  let version = 0;
  const wakeThose = (ofUser: Listeners): void => {
    ofUser.version = version += 1;
    for (const wake of ofUser.wakes) wake();
  };

  return {
    wake: (userId) => {
      const ofUser = listeners.get(userId);
      if (ofUser !== undefined) wakeThose(ofUser);
    },
    wakeAll: () => {
      for (const ofUser of listeners.values()) wakeThose(ofUser);
    },
    listen: (userId) => {
      let hasChanged = false;
      let settle = (): void => {};
      const wake = (): void => {
        hasChanged = true;
        settle();
      };
      const ofUser = listeners.get(userId) ?? { wakes: new Set(), version: (version += 1) };
      ofUser.wakes.add(wake);
      listeners.set(userId, ofUser);

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
        version: () => ofUser.version,
        close: () => {
          ofUser.wakes.delete(wake);
          if (ofUser.wakes.size === 0 && listeners.get(userId) === ofUser) listeners.delete(userId);
        },
      };
    },
  };
};
