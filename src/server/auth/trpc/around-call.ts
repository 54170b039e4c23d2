import type { AuthContext } from '../context.ts';
import { createCoreSlot } from '../slot.ts';

/** One call of a procedure. A batch has several. */
export interface Call {
  /** As routers name it: `notes.list`. One of the app's own, never what a client made up. */
  procedure: string;
  type: 'query' | 'mutation' | 'subscription';
  requestId: string;
}

/** How a call ended; of a subscription, how it began. */
export type CallResult = { ok: true } | { ok: false; error: Error };

/** Runs a call, and returns its result as it is, or throws what it throws: a refusal comes either way. */
export type AroundCall = <TResult extends CallResult>(call: Call, run: () => Promise<TResult>) => Promise<TResult>;

export const aroundCallSlot = createCoreSlot<AroundCall>('around-call');

/** Part of the outermost middleware of each procedure, since one more would cost a call more than the gate does. */
export const aroundCall = <TResult extends CallResult>(
  { auth, request }: AuthContext,
  { path, type }: { path: string; type: Call['type'] },
  run: () => Promise<TResult>,
): Promise<TResult> => aroundCallSlot.of(auth)({ procedure: path, type, requestId: request.id }, run);
