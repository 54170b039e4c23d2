import type { Host } from './host.ts';

const OWN_HEADERS = ['authorization', 'content-type', 'last-event-id', 'trpc-accept', 'x-latchkey', 'x-request-id'];

/** What tracers put on every request of a page by themselves (W3C Trace Context, W3C Baggage, Sentry). */
const TRACING_HEADERS = ['traceparent', 'tracestate', 'baggage', 'sentry-trace'];

/**
 * RFC 9110 section 5.6.2. Not `*`, which is a token too: with credentials it is a header of that name and nothing more.
 */
const HEADER_NAME = /^[!#$%&'+\-.^_`|~0-9A-Za-z]+$/;

const EXPOSED_HEADERS = 'retry-after, x-request-id';
const PREFLIGHT_SECONDS = '600';

/** Exact CORS headers for a listed origin; none for any other (ASVS 3.4.2). */
export const setCorsHeaders = <TExchange>(host: Host<TExchange>, exchange: TExchange, origin: string): void => {
  host.setHeader(exchange, 'Access-Control-Allow-Origin', origin);
  host.setHeader(exchange, 'Access-Control-Allow-Credentials', 'true');
  host.setHeader(exchange, 'Access-Control-Expose-Headers', EXPOSED_HEADERS);
};

/**
 * The request headers that a listed origin may send: the stack's, those of tracing and the app's own.
 * @throws TypeError naming one that is not a header name.
 */
export const allowedHeadersOf = (ownOfApp: readonly string[]): string => {
  const wrong = ownOfApp.find((name) => !HEADER_NAME.test(name));
  if (wrong !== undefined) throw new TypeError(`allowedHeaders: ${JSON.stringify(wrong)} is not a header name.`);
  return [...new Set([...OWN_HEADERS, ...TRACING_HEADERS, ...ownOfApp.map((name) => name.toLowerCase())])].join(', ');
};

export const setPreflightHeaders = <TExchange>(
  host: Host<TExchange>,
  exchange: TExchange,
  allowedHeaders: string,
): void => {
  host.setHeader(exchange, 'Access-Control-Allow-Methods', 'GET, POST');
  host.setHeader(exchange, 'Access-Control-Allow-Headers', allowedHeaders);
  host.setHeader(exchange, 'Access-Control-Max-Age', PREFLIGHT_SECONDS);
};
