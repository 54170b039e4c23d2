import type { TRPCError } from '@trpc/server';
import type { AuthRequest } from '../request.ts';

/** One call of a procedure, as far as a refusal belongs to it. */
export interface GatedCall {
  request: AuthRequest;
  path: string;
}

/** What a middleware refused before the resolver ran, and in which call. */
const raised = new WeakMap<TRPCError, GatedCall>();

/**
 * Says that a refusal was raised before the resolver of this call ran, so that its tag may tell the client that nothing
 * has happened yet. What another call inside a resolver was refused for is none of that.
 */
export const atOwnGate = (error: TRPCError, { request, path }: GatedCall): TRPCError => {
  raised.set(error, { request, path });
  return error;
};

export const isOfOwnGate = (error: TRPCError, { request, path }: GatedCall): boolean => {
  const call = raised.get(error);
  return call?.request === request && call.path === path;
};
