/** Listens to each of the events on each of the targets. Returns the way to stop. */
export const listen = (
  targets: readonly EventTarget[],
  events: readonly string[],
  listener: (event: Event) => void,
): (() => void) => {
  for (const target of targets) for (const event of events) target.addEventListener(event, listener);
  return () => {
    for (const target of targets) for (const event of events) target.removeEventListener(event, listener);
  };
};
