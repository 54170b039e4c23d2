import { TRPCClientError, type TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import type { AppRouter } from '#server/routers/index.ts';

/** What a test answers in the server's place, by procedure. */
export type Procedures = Record<string, (input: unknown) => unknown>;

/** What a subscriber hears of a subscription. */
export interface StreamListener {
  start: () => void;
  /** A tracked event. */
  event: (id: string, data: unknown) => void;
  fail: (error: Error) => void;
}

/** By procedure, what a test does with a new subscriber, and returns to be told that they are gone. */
export type Streams = Record<string, (listener: StreamListener) => () => void>;

const scriptless: Streams[string] = (listener) => {
  listener.start();
  return () => undefined;
};

/**
 * Ends the chain of links in `procedures` and `streams`. What the former throw reaches the caller as it does from a
 * server. A stream that is not scripted starts, and says nothing.
 */
export const scriptedLink =
  (procedures: Procedures, streams: Streams = {}): TRPCLink<AppRouter> =>
  () =>
  ({ op }) =>
    observable((observer) => {
      if (op.type === 'subscription') {
        const script = streams[op.path] ?? scriptless;
        return script({
          start: () => observer.next({ result: { type: 'started' } }),
          event: (id, data) => observer.next({ result: { type: 'data', id, data: { id, data } } }),
          fail: (error) => observer.error(TRPCClientError.from(error)),
        });
      }
      const answer = async (): Promise<unknown> => {
        const procedure = procedures[op.path];
        if (procedure === undefined) throw new Error(`This test scripts no ${op.path}.`);
        return procedure(op.input);
      };

      answer().then(
        (data) => {
          observer.next({ result: { type: 'data', data } });
          observer.complete();
        },
        (error: unknown) => {
          observer.error(TRPCClientError.from<AppRouter>(error instanceof Error ? error : new Error('No error.')));
        },
      );
      return undefined;
    });
