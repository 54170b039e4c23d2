import { DatabaseUnavailableError, type Store } from './store.ts';

export interface OpeningOptions {
  ping(): Promise<void>;
  /** Lets go of every connection. */
  destroy(): Promise<void>;
  /** Makes of what the store answered with the error that its caller is told. @default as it is */
  explain?(error: unknown): unknown;
}

/**
 * `open` and `close` of a store. Of several calls the first that succeeds has opened it, and the first that closes it
 * does so for good.
 */
export const createOpening = (options: OpeningOptions): Pick<Store, 'open' | 'close'> => {
  const { ping, destroy, explain = (error) => error } = options;
  let isOpen = false;
  let closed: Promise<void> | undefined;
  return {
    open: async () => {
      if (closed !== undefined) {
        throw new DatabaseUnavailableError('This store was closed, for good. Make another one, and an auth on it.');
      }
      if (isOpen) return false;
      try {
        await ping();
      } catch (error) {
        throw explain(error);
      }
      const isFirst = !isOpen;
      isOpen = true;
      return isFirst;
    },
    close: () => {
      closed ??= destroy();
      return closed;
    },
  };
};
