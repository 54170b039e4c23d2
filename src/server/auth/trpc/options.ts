import type { TRPCCombinedDataTransformer, TRPCDataTransformer, TRPCDefaultErrorShape, TRPCError } from '@trpc/server';
import type { CoreReason, ReasonTable } from '../../../shared/auth/index.ts';
import type { AuthContext } from '../context.ts';
import { type AuthErrorShape, formatError } from './error-formatter.ts';

type Transformer = TRPCDataTransformer | TRPCCombinedDataTransformer;

interface Formatting<TShape> {
  shape: TShape;
  error: TRPCError;
  ctx: AuthContext | undefined;
  /** Of the call, as it was read before anybody looked at it. */
  input: unknown;
}

type Formatter<TShape> = (options: Formatting<TRPCDefaultErrorShape>) => TShape;

/** How often a stream says something: proxies close a connection that says nothing, some after half a minute. */
const PING_INTERVAL_MS = 15_000;

/** A client that hears nothing for longer connects anew. */
const RECONNECT_AFTER_MS = 40_000;

/**
 * The mark of our formatters. Registered, as for the gates: another copy of this module makes formatters that are as
 * good.
 */
const FORMATTER = Symbol.for('latchkey.errorFormatter');

export const isOurFormatter = (formatter: unknown): boolean =>
  typeof formatter === 'function' && FORMATTER in formatter;

export interface RootOptions<TReason extends string, TOwn extends string, TShape> {
  /** Tells the types which reasons there are: those of the core and of the features that it was made with. */
  auth?: { readonly '~reason'?: TReason };
  /** The app's own reasons, as it gives them to `createRefuse`. */
  reasons?: ReasonTable<TOwn>;
  /** Adds to the stack's error shape. */
  errorFormatter?: (options: Formatting<AuthErrorShape<TReason | TOwn>>) => TShape;
}

export interface TrpcOptions<TShape> {
  isDev: false;
  errorFormatter: Formatter<TShape>;
  sse: { ping: { enabled: true; intervalMs: number }; client: { reconnectAfterInactivityMs: number } };
}

/**
 * The options of `initTRPC.create`. Never the default of `isDev`, which looks at NODE_ENV: no stack leaves the process,
 * in any mode.
 * @example
 * const t = initTRPC.context<AuthContext>().meta<ProcedureMeta>().create(trpcOptions({ auth }));
 */
export function trpcOptions<
  TReason extends string = CoreReason,
  TOwn extends string = never,
  TShape = AuthErrorShape<TReason | TOwn>,
>(
  options: RootOptions<TReason, TOwn, TShape> & { transformer: Transformer },
): TrpcOptions<TShape> & { transformer: Transformer };
export function trpcOptions<
  TReason extends string = CoreReason,
  TOwn extends string = never,
  TShape = AuthErrorShape<TReason | TOwn>,
>(options?: RootOptions<TReason, TOwn, TShape>): TrpcOptions<TShape>;
export function trpcOptions({
  errorFormatter,
  transformer,
}: RootOptions<string, string, unknown> & { transformer?: Transformer } = {}): TrpcOptions<unknown> & {
  transformer?: Transformer;
} {
  const format: Formatter<unknown> = (options) => {
    const shape = formatError(options);
    return errorFormatter === undefined ? shape : errorFormatter({ ...options, shape });
  };
  return {
    isDev: false,
    errorFormatter: Object.assign(format, { [FORMATTER]: true }),
    sse: {
      ping: { enabled: true, intervalMs: PING_INTERVAL_MS },
      client: { reconnectAfterInactivityMs: RECONNECT_AFTER_MS },
    },
    ...(transformer !== undefined && { transformer }),
  };
}
