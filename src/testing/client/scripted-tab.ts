import { createTRPCUntypedClient, type Operation, TRPCClientError, type TRPCLink } from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import { observable } from '@trpc/server/observable';
import { settle } from '#client/auth/testing/clock.ts';
import { demand, refusal, type TestReply } from '#client/auth/testing/server.ts';
import { createTestBrowser } from './browser.ts';

export interface Attempt {
  op: Operation;
  answer: (data: unknown) => void;
  /** An event of a subscription, with its id if it is tracked. */
  event: (data: unknown, id?: string) => void;
  /** What a stream says of its connection. */
  report: (
    result: { type: 'started' } | { type: 'state'; state: 'connecting'; error: TRPCClientError<AnyRouter> },
  ) => void;
  complete: () => void;
  refuse: (reason: Parameters<typeof refusal>[0]) => void;
  /** Asks for a fresh proof, as the gate's middleware does. */
  demand: () => void;
  fail: (error: Error) => void;
  isUnsubscribed: () => boolean;
}

/** A terminating link whose answers the test gives, one attempt at a time. */
export const scriptedTab = async ({ name = 'ada' }: { name?: string | null } = {}) => {
  const browser = createTestBrowser();
  if (name !== null) browser.signedInBefore(name);
  const tab = browser.openTab();
  tab.auth.start();
  await settle();

  const attempts: Attempt[] = [];
  const scripted: TRPCLink<AnyRouter> =
    () =>
    ({ op }) =>
      observable((observer) => {
        let unsubscribed = false;
        tab.auth.headers({ op });
        const refuse = ({ body }: TestReply): void => {
          if (typeof body === 'object' && body !== null) observer.error(TRPCClientError.from(body));
        };
        attempts.push({
          op,
          answer: (data) => observer.next({ result: { type: 'data', data } }),
          event: (data, id) => observer.next({ result: { data, ...(id !== undefined && { id }) } }),
          report: (result) => observer.next({ result }),
          complete: () => observer.complete(),
          fail: (error) => observer.error(TRPCClientError.from(error)),
          refuse: (reason) => refuse(refusal(reason)),
          demand: () => refuse(demand()),
          isUnsubscribed: () => unsubscribed,
        });
        return () => {
          unsubscribed = true;
          // As tRPC's own link does.
          observer.complete();
        };
      });
  const client = createTRPCUntypedClient({ links: [tab.auth.link(), scripted] });
  return { browser, tab, client, attempts };
};
