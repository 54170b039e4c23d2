/** Cuts waits short, once and for good. */
export interface Interrupt {
  /** Rejects every wait of now and of later. Only the first error counts. */
  raise(error: unknown): void;
  /** Called when it is raised, or at once when it has been. Returns an unsubscribe function. */
  onRaise(listener: (error: unknown) => void): () => void;
  /** Settles as the work does, or rejects when the interrupt is raised, whichever comes first. */
  race<TResult>(work: Promise<TResult>): Promise<TResult>;
}

/**
 * In place of `Promise.race` with a promise that lives long: that one keeps a reaction for every race, and with it
 * whatever the work brought, until it settles itself (https://github.com/nodejs/node/issues/17469). This one forgets a
 * wait that is over.
 */
export const createInterrupt = (): Interrupt => {
  let raised: { error: unknown } | undefined;
  const listeners = new Set<(error: unknown) => void>();

  const onRaise: Interrupt['onRaise'] = (listener) => {
    if (raised === undefined) listeners.add(listener);
    else listener(raised.error);
    return () => listeners.delete(listener);
  };

  return {
    raise: (error) => {
      if (raised !== undefined) return;
      raised = { error };
      for (const listener of listeners) listener(error);
      listeners.clear();
    },
    onRaise,
    race: (work) =>
      new Promise((resolve, reject) => {
        const forget = onRaise(reject);
        work.then(
          (result) => {
            forget();
            resolve(result);
          },
          (error: unknown) => {
            forget();
            reject(error);
          },
        );
      }),
  };
};
