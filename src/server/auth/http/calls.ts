/**
 * What a request asks for, read from it once: the guard checks these names, and the same are called.
 */
export interface Calls {
  /** What follows the last slash, still percent-encoded. */
  path: string;
  query: URLSearchParams;
  procedures: readonly string[];
  isBatch: boolean;
  /** The path cannot be decoded: it names no procedure, and the guard refuses it. */
  isUnreadable: boolean;
}

const NO_QUERY = new URLSearchParams();

/** Reads the names of the procedures that are called, as tRPC does. */
export const readCalls = (target: string): Calls => {
  const { path: wholePath, query } = splitTarget(target);
  const path = wholePath.slice(wholePath.lastIndexOf('/') + 1);
  const isBatch = query.get('batch') === '1';
  const names = decode(path);
  if (names === undefined) return { path, query, procedures: [], isBatch, isUnreadable: true };
  return { path, query, procedures: isBatch ? names.split(',') : [names], isBatch, isUnreadable: false };
};

/**
 * As the URL parser splits it: another reading takes `?batch=1#` or `??batch=0&batch=1` for no batch, and lets two
 * refreshes through as one call.
 */
const splitTarget = (target: string): { path: string; query: URLSearchParams } => {
  const end = target.search(/[?#]/);
  if (end < 0) return { path: target, query: NO_QUERY };
  const path = target.slice(0, end);
  if (target[end] === '#') return { path, query: NO_QUERY };
  // With its question mark, since one is taken off in any case.
  const [query] = target.slice(end).split('#', 1);
  return { path, query: new URLSearchParams(query) };
};

const decode = (path: string): string | undefined => {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
};

/** What a client that wants the answers as they come (`httpBatchStreamLink`) asks for. */
export const STREAMED = 'application/jsonl';

/** The form of answers that a request asks for, as tRPC reads it. */
export const acceptedForm = (trpcAccept: string | undefined, accept: string | undefined): string | null =>
  trpcAccept ?? (accept?.split(',').some((type) => type.trim() === STREAMED) ? STREAMED : null);
