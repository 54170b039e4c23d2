import { TRPCError } from '@trpc/server';
import { refuse } from '../refusal.ts';
import { keepWords } from '../trpc/error-formatter.ts';
import type { Calls } from './calls.ts';
import { setCorsHeaders } from './cors.ts';
import type { Host } from './host.ts';
import { isOriginAllowed, type OriginPolicy } from './origin.ts';

const METHODS = ['GET', 'POST', 'OPTIONS'];
const JSON_TYPE = /^application\/json[ \t]*(?:;|$)/i;
const UPLOAD_TYPE = /^(?:multipart\/form-data|application\/octet-stream)[ \t]*(?:;|$)/;

export interface GuardOptions {
  origins: OriginPolicy;
  /** The procedures that read or write cookies: they travel alone, and as JSON. */
  cookieProcedures: ReadonlySet<string>;
  maxBodyBytes: number;
  /** The largest upload, in bytes; undefined: none are taken. */
  maxUploadBytes: number | undefined;
  maxBatchSize: number;
}

/** What came with a POST. */
export interface Payload {
  /** Of an upload, its content type; null for JSON. */
  uploadType: string | null;
  /** Text or bytes as they came, or what a parser of the app around has made of them. Undefined: nothing came. */
  body: unknown;
}

const NOTHING: Payload = { uploadType: null, body: undefined };

/** Over the limit, a batch is refused as one request: nothing of it is looked at. */
export const isBatchTooLarge = ({ procedures }: Calls, { maxBatchSize }: Pick<GuardOptions, 'maxBatchSize'>): boolean =>
  procedures.length > maxBatchSize;

/** What tRPC may read as a stream, or might read so one day. */
const asksForStream = <TExchange>(host: Host<TExchange>, exchange: TExchange): boolean =>
  host.header(exchange, 'trpc-accept')?.includes('application/jsonl') === true ||
  host.header(exchange, 'accept')?.includes('application/jsonl') === true;

/**
 * Refuses what must not reach a procedure, before any effect: by method, origin, content type, size, batch and
 * transport, in this order. None of it touches a cookie.
 * @throws TRPCError
 */
export const guard = async <TExchange>(
  host: Host<TExchange>,
  exchange: TExchange,
  calls: Calls,
  options: GuardOptions,
): Promise<Payload> => {
  const { origins, cookieProcedures } = options;
  const method = host.method(exchange);
  const origin = host.header(exchange, 'origin');

  if (origin !== undefined && origins.allowed.has(origin)) setCorsHeaders(host, exchange, origin);

  if (!METHODS.includes(method)) {
    host.setHeader(exchange, 'Allow', METHODS.join(', '));
    throw new TRPCError({ code: 'METHOD_NOT_SUPPORTED' });
  }
  if (method === 'OPTIONS') return NOTHING;

  const headers = {
    origin,
    secFetchSite: host.header(exchange, 'sec-fetch-site'),
    custom: host.header(exchange, 'x-latchkey'),
  };
  if (method === 'POST' && !isOriginAllowed(origins, headers)) {
    throw refuse('origin_not_allowed', { address: origins.own });
  }
  if (calls.isUnreadable) throw new TRPCError({ code: 'BAD_REQUEST' });

  const writesCookies = calls.procedures.some((name) => cookieProcedures.has(name));
  const payload = method === 'POST' ? await readPayload(host, exchange, { ...options, writesCookies }) : NOTHING;

  if (isBatchTooLarge(calls, options)) {
    throw keepWords(new TRPCError({ code: 'BAD_REQUEST', message: 'The batch holds too many calls.' }));
  }

  const isSoleCall = calls.procedures.length === 1 && !asksForStream(host, exchange);
  if (writesCookies && !isSoleCall) throw refuse('transport_not_allowed');
  return payload;
};

const readPayload = async <TExchange>(
  host: Host<TExchange>,
  exchange: TExchange,
  { maxBodyBytes, maxUploadBytes, writesCookies }: GuardOptions & { writesCookies: boolean },
): Promise<Payload> => {
  const type = host.header(exchange, 'content-type') ?? '';
  if (JSON_TYPE.test(type)) return { uploadType: null, body: await host.readBody(exchange, maxBodyBytes) };
  // An HTML form can send three types without asking first, and one of them is an upload's: what changes a session
  // takes none.
  if (maxUploadBytes === undefined || writesCookies || !UPLOAD_TYPE.test(type)) {
    throw new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE' });
  }
  return { uploadType: type, body: await host.readBody(exchange, maxUploadBytes) };
};
