import type { StreamLocks, TabChannel } from '../environment.ts';

/** The locks of a browser: one holder of a name at a time, in the order in which they asked. */
export const createTestLocks = () => {
  const queues = new Map<string, Promise<unknown>>();
  const pending = new Set<{ name: string }>();
  const holders = new Map<string, number>();
  let mostHolders = 0;

  const locks: StreamLocks = {
    request(name, { signal }, held) {
      const entry = { name };
      pending.add(entry);
      const givenUp = new Promise<'given up'>((resolve) => {
        signal.addEventListener('abort', () => {
          if (pending.delete(entry)) resolve('given up');
        });
      });
      const turn = (queues.get(name) ?? Promise.resolve()).then(async () => {
        if (!pending.delete(entry)) return undefined;
        const count = (holders.get(name) ?? 0) + 1;
        holders.set(name, count);
        mostHolders = Math.max(mostHolders, count);
        try {
          return await held();
        } finally {
          holders.set(name, count - 1);
        }
      });
      queues.set(
        name,
        turn.catch(() => undefined),
      );
      return Promise.race([turn, givenUp]).then((outcome) => {
        if (outcome === 'given up') throw new DOMException('Given up.', 'AbortError');
        return outcome;
      });
    },
    query: async () => ({ pending: Array.from(pending) }),
  };

  return {
    locks,
    mostHolders: () => mostHolders,
    /** A tab that holds the lock and never lets go: frozen, or crashed in a browser with a bug. */
    orphan(name: string): void {
      queues.set(name, new Promise(() => undefined));
    },
  };
};

/** The channel of a browser. Each tab has an end of its own, and does not hear itself. */
export const createTestChannels = () => {
  const ends = new Set<() => void>();
  return {
    open(): TabChannel {
      const mine = new Set<() => void>();
      return {
        notify() {
          for (const listener of Array.from(ends)) if (!mine.has(listener)) listener();
        },
        listen(listener) {
          mine.add(listener);
          ends.add(listener);
          return () => {
            mine.delete(listener);
            ends.delete(listener);
          };
        },
      };
    },
    /** What another script of the origin may send at any time. */
    noise(): void {
      for (const listener of Array.from(ends)) listener();
    },
  };
};
