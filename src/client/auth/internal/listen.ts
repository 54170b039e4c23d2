/** Those that end something. A caller's own may be missing. */
export type Signals = readonly (AbortSignal | null | undefined)[];

/** One way to stop, for several. */
export const together =
  (...stops: readonly (() => void)[]) =>
  (): void => {
    for (const stop of stops) stop();
  };

/** Listens to each of the events on each of the targets that are there. Returns an unsubscribe function. */
export const listen = (
  targets: readonly (EventTarget | null | undefined)[],
  events: readonly string[],
  listener: (event: Event) => void,
): (() => void) => {
  const listening = new AbortController();
  const { signal } = listening;
  for (const target of targets) for (const event of events) target?.addEventListener(event, listener, { signal });
  return () => listening.abort();
};
