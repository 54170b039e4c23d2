import { TRPCClientError, type TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import type { AppRouter } from '#server/routers/index.ts';

/** What a test answers in the server's place, by procedure. */
export type Procedures = Record<string, (input: unknown) => unknown>;

/** Ends the chain of links in `procedures`. What they throw reaches the caller as it does from a server. */
export const scriptedLink =
  (procedures: Procedures): TRPCLink<AppRouter> =>
  () =>
  ({ op }) =>
    observable((observer) => {
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
    });
