import type { httpSubscriptionLink, Operation } from '@trpc/client';
import type { AuthEnvironment } from '../environment.ts';
import { isRecord } from '../internal/record.ts';
import { withHeaders } from '../wire/headers.ts';
import type { createTokenHeaders } from './token-headers.ts';

export interface EventSourceOptions {
  fetch: (url: string | URL, init: RequestInit) => Promise<Response>;
}

type EventSourceInstance = InstanceType<NonNullable<Parameters<typeof httpSubscriptionLink>[0]['EventSource']>>;

/** An EventSource that leaves its requests to a function, which can give them headers. */
export type EventSourceClass = new (url: string, options: EventSourceOptions) => EventSourceInstance;

/**
 * An EventSource shows nothing of a refusal that comes before the stream, but its status. So the refusal is put into a
 * stream, as tRPC itself writes one that comes later, and reaches the subscriber with its reason.
 */
const asStream = async (response: Response): Promise<Response> => {
  const body: unknown = await response.json().catch(() => null);
  if (!isRecord(body) || !isRecord(body['error'])) return response;
  // As it was written: the link behind has the transformer, and finds no data in what is not tRPC's.
  return new Response(`event: serialized-error\ndata: ${JSON.stringify(body['error'])}\n\n`, {
    headers: { 'content-type': 'text/event-stream' },
  });
};

/**
 * The token travels in a header, and never in the URL, which servers and proxies log. It is put there when the
 * connection is made: the options live as long as the EventSource, and their token would be old by its next connection.
 */
export const createEventSourceOptions =
  ({ fetch }: Pick<AuthEnvironment, 'fetch'>, headers: ReturnType<typeof createTokenHeaders>) =>
  ({ op }: { op: Operation }): EventSourceOptions => ({
    async fetch(url, init) {
      const response = await fetch(url, withHeaders(init, headers({ op })));
      return response.ok ? response : asStream(response);
    },
  });
