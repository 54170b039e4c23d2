/** Those that end something. A caller's own may be missing. */
export type Signals = readonly (AbortSignal | null | undefined)[];

/** Listens to each of the events on each of the targets that are there. Returns an unsubscribe function. */
export const listen = (
  targets: readonly (EventTarget | null | undefined)[],
  events: readonly string[],
  listener: (event: Event) => void,
): (() => void) => {
  for (const target of targets) for (const event of events) target?.addEventListener(event, listener);
  return () => {
    for (const target of targets) for (const event of events) target?.removeEventListener(event, listener);
  };
};
