import { TRPCClientError } from '@trpc/client';
import { isDefect } from 'latchkey/client';

/**
 * What tRPC says of an answer that is not in the form which this page expects: another version of the page, or another
 * transformer.
 */
const UNREADABLE = 'Unable to transform response from server';

/** Why a call came back without anything that the server said. */
export type Unanswered = 'network' | 'unreadable' | 'defect';

/**
 * What fetch, and reading its answer, reject with: no network, a page of a proxy in place of JSON, or a time that
 * is over.
 */
const isOfTransport = (cause: unknown): boolean =>
  cause === undefined || cause instanceof TypeError || cause instanceof SyntaxError || cause instanceof DOMException;

/**
 * Of a failure without data of the server. What is thrown past the client, and what is broken in it, is no matter of
 * the network.
 */
export const whyUnanswered = (error: unknown): Unanswered => {
  if (!(error instanceof TRPCClientError) || isDefect(error)) return 'defect';
  if (error.message === UNREADABLE) return 'unreadable';
  return isOfTransport(error.cause) || !(error.cause instanceof Error) ? 'network' : 'defect';
};
