import type { httpSubscriptionLink, Operation } from '@trpc/client';
import type { AuthEnvironment } from './environment.ts';
import type { createTokenHeaders } from './token-headers.ts';

export interface EventSourceOptions {
  fetch: (url: string | URL, init: RequestInit) => Promise<Response>;
}

type EventSourceInstance = InstanceType<NonNullable<Parameters<typeof httpSubscriptionLink>[0]['EventSource']>>;

/** An EventSource that leaves its requests to a function, which can give them headers. */
export type EventSourceClass = new (url: string, options: EventSourceOptions) => EventSourceInstance;

/**
 * The token travels in a header, and never in the URL, which servers and proxies log. It is put there when the connection is
 * made: the options live as long as the EventSource, and their token would be old by its next connection.
 */
export const createEventSourceOptions =
  ({ fetch }: Pick<AuthEnvironment, 'fetch'>, headers: ReturnType<typeof createTokenHeaders>) =>
  ({ op }: { op: Operation }): EventSourceOptions => ({
    async fetch(url, init) {
      const all = new Headers(init.headers);
      for (const [name, value] of Object.entries(headers({ op }))) all.set(name, value);
      return fetch(url, { ...init, headers: all });
    },
  });
