import type { TRPCError } from '@trpc/server';
import { createMark } from '../mark.ts';
import type { AuthRequest } from '../request.ts';

/** One call of a procedure, as far as a refusal belongs to it. */
export interface GatedCall {
  request: AuthRequest;
  path: string;
}

/** What a middleware refused before the resolver ran, and in which call. */
const raisedIn = createMark<GatedCall>('ownGate');

/**
 * Says that a refusal was raised before the resolver of this call ran, so that its tag may tell the client that nothing
 * has happened yet. What another call inside a resolver was refused for is none of that.
 */
export const atOwnGate = (error: TRPCError, { request, path }: GatedCall): TRPCError => {
  raisedIn.put(error, { request, path });
  return error;
};

export const isOfOwnGate = (error: TRPCError, { request, path }: GatedCall): boolean => {
  const call = raisedIn.of(error);
  return call?.request === request && call.path === path;
};
