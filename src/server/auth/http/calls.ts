import { TRPCError } from '@trpc/server';
import type { Request } from 'express';
import { MAX_BATCH_CALLS } from '../../../shared/auth/index.ts';

/**
 * What a request asks for, read from it once: the guard checks these names, and tRPC is handed the same path and query.
 */
export interface Calls {
  /** As tRPC's adapters take it: what follows the last slash, still percent-encoded. */
  path: string;
  /** The query with its question mark, as the URL parser reads it. Empty when there is none. */
  query: string;
  procedures: readonly string[];
  isBatch: boolean;
  /** The answer would be a stream, whose head is out before any resolver runs. */
  isStreamed: boolean;
}

/** Whether the client wants the answers as they come (`httpBatchStreamLink`). */
const wantsStream = (req: Request): boolean =>
  [req.headers['trpc-accept'], req.headers.accept].flat().some((value) => value?.includes('application/jsonl'));

/**
 * Reads the names of the procedures that are called, as tRPC will.
 * @throws TRPCError `BAD_REQUEST` when the path cannot be decoded.
 */
export const readCalls = (req: Request): Calls => {
  // Not by `req.path`, which is null for `//a@?#`.
  const { path: wholePath, query, searchParams } = splitTarget(req.url);
  const path = wholePath.slice(wholePath.lastIndexOf('/') + 1);
  const isBatch = searchParams.get('batch') === '1';
  const names = decode(path);
  return { path, query, procedures: isBatch ? names.split(',') : [names], isBatch, isStreamed: wantsStream(req) };
};

/**
 * The query by the parser that tRPC uses: another one reads `?batch=1#` as no batch, and lets two refreshes through as
 * one call.
 */
const splitTarget = (url: string) => {
  const end = url.search(/[?#]/);
  const { search: query, searchParams } = new URL(end < 0 ? '/' : `/${url.slice(end)}`, 'http://localhost');
  return { path: end < 0 ? url : url.slice(0, end), query, searchParams };
};

const decode = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new TRPCError({ code: 'BAD_REQUEST' });
  }
};

/** Over the limit, a batch is refused as one request: nothing of it is looked at. */
export const isBatchTooLarge = ({ procedures }: Calls): boolean => procedures.length > MAX_BATCH_CALLS;
