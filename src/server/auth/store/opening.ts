/**
 * `open` of a store. Of several calls the first that succeeds has opened it.
 *
 * @param explain makes of what the store answered with the error that its caller is told.
 */
export const createOpening = (
  ping: () => Promise<void>,
  explain: (error: unknown) => unknown,
): (() => Promise<boolean>) => {
  let isOpen = false;
  return async () => {
    if (isOpen) return false;
    try {
      await ping();
    } catch (error) {
      throw explain(error);
    }
    const isFirst = !isOpen;
    isOpen = true;
    return isFirst;
  };
};
