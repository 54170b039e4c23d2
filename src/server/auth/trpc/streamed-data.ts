import { observable } from '@trpc/server/observable';
import type { Interrupt } from '../interrupt.ts';

/** What goes along with the streams of one call. */
export interface StreamGuard {
  /** Called when somebody begins to listen to a stream, which ends with the interrupt's error if that is raised. */
  open(): { interrupt: Interrupt; close: () => void };
  /** What is let out in place of an error that a stream ends with. */
  contain(error: unknown): unknown;
}

/** A guard of what is sent part by part. */
export interface PartGuard extends StreamGuard {
  /** Throws when a part cannot be sent. */
  assertSendable(part: unknown): void;
}

interface Subscribable {
  subscribe(observer: { next(value: unknown): void; error(error: unknown): void; complete(): void }): {
    unsubscribe(): void;
  };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  isObject(value) && Symbol.asyncIterator in value;

/** An observable as tRPC takes it. It looks for the key alone, which an answer may have as well. */
const isSubscribable = (value: unknown): value is Subscribable =>
  isObject(value) && 'subscribe' in value && typeof value.subscribe === 'function';

const isPromise = (value: unknown): value is Promise<unknown> =>
  isObject(value) &&
  'then' in value &&
  typeof value.then === 'function' &&
  'catch' in value &&
  typeof value.catch === 'function';

type Later = Promise<unknown> | AsyncIterable<unknown>;

const comesLater = (value: unknown): value is Later => isPromise(value) || isAsyncIterable(value);

const isTagged = (value: unknown): boolean => Object.prototype.toString.call(value) === '[object Object]';

/**
 * As tRPC judges it, by the constructor: what it takes for plain it streams, also where the prototype is another
 * object.
 */
const isPlainObject = (value: unknown): value is Record<string, unknown> => {
  if (!isObject(value) || !isTagged(value)) return false;
  const kind: unknown = value.constructor;
  if (kind === undefined) return true;
  const prototype: unknown = typeof kind === 'function' ? kind.prototype : undefined;
  return isObject(prototype) && isTagged(prototype) && Object.hasOwn(prototype, 'isPrototypeOf');
};

/** The same events. `pass` makes of each what is handed on. */
async function* guardEvents(
  events: AsyncIterable<unknown>,
  guard: StreamGuard,
  pass: (event: unknown) => unknown,
): AsyncGenerator<unknown, unknown, undefined> {
  const iterator = events[Symbol.asyncIterator]();
  const { interrupt, close } = guard.open();
  const returnEarly = async (): Promise<void> => {
    await iterator.return?.();
  };
  const leave = (): void => {
    close();
    // Not awaited: a generator that waits for its next event returns only after that, or when its request's signal
    // aborts.
    returnEarly().catch(() => {}); // Nobody is left who could be told.
  };
  // At once: a client that does not read may never ask for the event in whose place it would hear of the end.
  const forget = interrupt.onRaise(leave);
  const read = async (): Promise<IteratorResult<unknown, unknown>> => {
    try {
      return await iterator.next();
    } catch (error) {
      throw guard.contain(error);
    }
  };
  try {
    for (;;) {
      const next = await interrupt.race(read());
      if (next.done) return pass(next.value);
      yield pass(next.value);
    }
  } finally {
    forget();
    leave();
  }
}

const guardObservable = (source: Subscribable, guard: StreamGuard, pass: (event: unknown) => unknown) =>
  observable<unknown>((observer) => {
    const { interrupt, close } = guard.open();
    const forget = interrupt.onRaise((error) => observer.error(error));
    const leave = (): void => {
      forget();
      close();
    };
    const passOn = (event: unknown): void => {
      let passed: unknown;
      try {
        passed = pass(event);
      } catch (error) {
        observer.error(error);
        return;
      }
      observer.next(passed);
    };
    try {
      const subscription = source.subscribe({
        next: passOn,
        error: (error) => observer.error(guard.contain(error)),
        complete: () => observer.complete(),
      });
      return () => {
        leave();
        subscription.unsubscribe();
      };
    } catch (error) {
      leave();
      throw guard.contain(error);
    }
  });

const asItIs = (event: unknown): unknown => event;

/**
 * The events of a subscription, which come from a generator or an observable, and go on as what they came. Undefined:
 * neither.
 */
export const guardSubscription = (data: unknown, guard: StreamGuard): unknown => {
  if (isSubscribable(data)) return guardObservable(data, guard, asItIs);
  return isAsyncIterable(data) ? guardEvents(data, guard, asItIs) : undefined;
};

const guardParts = (data: unknown, guard: PartGuard): unknown => {
  const pass = (value: unknown): unknown => guardParts(value, guard);
  const guardLater = (value: Later): unknown => {
    if (!isPromise(value)) return guardEvents(value, guard, pass);
    const later = value.then(pass, (error: unknown) => {
      throw guard.contain(error);
    });
    // The caller may be gone before it is read, and an error that nobody reads would end the process.
    later.catch(() => {});
    return later;
  };

  if (comesLater(data)) return guardLater(data);
  const entries = isPlainObject(data) ? Object.entries(data) : [];
  const later = entries.filter((entry): entry is [string, Later] => comesLater(entry[1]));
  if (later.length === 0) {
    guard.assertSendable(data);
    return data;
  }
  // Before anything may fail: a promise that nobody looks after would.
  const guarded = later.map(([name, value]) => [name, guardLater(value)] as const);
  guard.assertSendable(Object.fromEntries(entries.filter(([, value]) => !comesLater(value))));
  return Object.fromEntries([...entries, ...guarded]);
};

/**
 * The result of a call whose parts are sent as they come. Finds the streams and promises in it where tRPC does: as the
 * result itself, as a value of a plain object, and so on in what these bring. They are looked after once somebody reads
 * them, and so cost nothing where tRPC refuses the transport.
 */
export const guardResult = (data: unknown, guard: PartGuard): unknown =>
  isSubscribable(data) ? guardObservable(data, guard, (event) => guardParts(event, guard)) : guardParts(data, guard);
