import { initTRPC, type TRPCError } from '@trpc/server';
import type { Role } from '../../../shared/auth/index.ts';
import type { Auth } from '../auth.ts';
import type { AuthContext } from '../context.ts';
import { reportSlot } from '../events.ts';
import { gateSlot } from '../gate/gate.ts';
import { subscriptionsSlot } from '../gate/subscriptions.ts';
import { createInterrupt } from '../interrupt.ts';
import { reasonOf, refuse, refuseUnavailable } from '../refusal.ts';
import type { AuthRequest } from '../request.ts';
import { isStoreUnavailable } from '../store/store-errors.ts';
import type { Principal } from '../tokens/access-tokens.ts';
import { aroundCallSlot, type Call, type CallResult } from './around-call.ts';
import { contain } from './contain.ts';
import { trpcOptions } from './options.ts';
import { guardResult, guardSubscription, type StreamGuard } from './streamed-data.ts';

/** What a procedure declares of itself. A router in which one does not is refused at start. */
export interface ProcedureMeta {
  policy: 'public' | 'protected' | `role:${Role}`;
  /** It writes cookies: neither streamed nor in a batch with others. */
  writesCookies?: true;
}

const t = initTRPC.context<AuthContext>().meta<ProcedureMeta>().create(trpcOptions());

export const { router, createCallerFactory } = t;

/** Part of the outermost middleware of each procedure, since one more would cost a call more than the gate does. */
const watch = <TResult extends CallResult>(
  { auth, request }: AuthContext,
  { path, type }: { path: string; type: Call['type'] },
  run: () => Promise<TResult>,
): Promise<TResult> => aroundCallSlot.of(auth)({ procedure: path, type, requestId: request.id }, run);

type Result = { ok: true; data: unknown } | { ok: false; error: TRPCError };
type ReadInput = () => Promise<unknown>;

/** Runs what is inside, and contains what it lets out. An input that cannot be read is met in here, and its words are tRPC's. */
const containing = async <TResult extends Result>(
  getRawInput: ReadInput,
  run: (getRawInput: ReadInput) => Promise<TResult>,
): Promise<TResult> => {
  let unreadable: unknown;
  const result = await run(async () => {
    try {
      return await getRawInput();
    } catch (cause) {
      unreadable = cause;
      throw cause;
    }
  });
  if (result.ok) return result;
  throw result.error === unreadable ? result.error : contain(result.error);
};

const endless = createInterrupt();
const openGuard: StreamGuard = { open: () => ({ interrupt: endless, close: () => {} }), contain };

/** Looks after what comes later than the result: the events of a subscription, the parts of an answer that is streamed. */
const guarding = <TResult extends Result>(
  result: TResult,
  { streamed }: AuthRequest,
  type: Call['type'],
  guard: StreamGuard,
): TResult => {
  if (!result.ok) return result;
  if (type === 'subscription') {
    const events = guardSubscription(result.data, guard);
    return events === undefined ? result : { ...result, data: events };
  }
  if (streamed === undefined) return result;
  return { ...result, data: guardResult(result.data, { ...guard, assertSendable: streamed.assertSendable }) };
};

const watchedAndContained = t.middleware(({ ctx, path, type, next, getRawInput }) =>
  watch(ctx, { path, type }, async () => {
    const result = await containing(getRawInput, (remembered) => next({ getRawInput: remembered }));
    return guarding(result, ctx.request, type, openGuard);
  }),
);

/** A subscription has a place among those of its session and user for as long as it lasts, and ends with the session. */
const subscribed = async <TResult extends Result>(
  {
    auth,
    request,
    user,
    signal,
  }: { auth: Auth; request: AuthRequest; user: Principal; signal: AbortSignal | undefined },
  run: () => Promise<TResult>,
): Promise<TResult> => {
  const subscriptions = subscriptionsSlot.of(auth);
  const release = subscriptions.reserve(user, signal);
  try {
    const open = () => subscriptions.watchSubscription(user, signal, release);
    const result = await run();
    const guarded = guarding(result, request, 'subscription', { open, contain });
    if (guarded === result) release();
    return guarded;
  } catch (error) {
    release();
    throw error;
  }
};

const gated = t.middleware(({ ctx, path, type, signal, next, getRawInput }) =>
  watch(ctx, { path, type }, async () => {
    const { auth, request } = ctx;
    let user: Principal;
    try {
      user = await gateSlot.of(auth).admit(request.authorization);
    } catch (error) {
      const refusal = isStoreUnavailable(error) ? refuseUnavailable(error) : error;
      reportSlot.of(auth)(request, { event: 'access.refused', reason: reasonOf(refusal), procedure: path });
      throw refusal;
    }
    request.identify(user.id);
    const run = () =>
      containing(getRawInput, (remembered) => {
        const passed = { ctx: { user }, getRawInput: remembered };
        return next<{ user: Principal }>(passed);
      });
    if (type === 'subscription') return await subscribed({ auth, request, user, signal }, run);
    const open = () => subscriptionsSlot.of(auth).watchAnswer(user, request, signal);
    return guarding(await run(), request, type, { open, contain });
  }),
);

const alone = t.middleware(({ ctx, next }) => {
  if (!ctx.request.isAlone) throw refuse('transport_not_allowed');
  return next();
});

/*
 * An app with a context of its own builds on these:
 *
 *     const t = initTRPC.context<AppContext>().meta<ProcedureMeta>().create(trpcOptions({ auth }));
 *     export const protectedProcedure = t.procedure.concat(auth.protectedProcedure);
 */

/** Anyone may call it. */
export const publicProcedure = t.procedure.meta({ policy: 'public' }).use(watchedAndContained);

/** Only with a valid access token: `ctx.user` is who calls. A subscription built on it ends when the session does. */
export const protectedProcedure = t.procedure.meta({ policy: 'protected' }).use(gated);

/** Only for a user who has the role, by the access token: a role that changes makes the token stale. */
export const roleProcedure = (role: Role) =>
  t.procedure
    .meta({ policy: `role:${role}` })
    .use(gated)
    .use(({ ctx: { auth, request, user }, path, next }) => {
      if (!user.roles.includes(role)) {
        reportSlot.of(auth)(request, { event: 'access.refused', reason: 'role_required', procedure: path });
        throw refuse('role_required');
      }
      return next();
    });

/** Writes cookies, so it travels alone. */
export const cookieProcedure = t.procedure
  .meta({ policy: 'public', writesCookies: true })
  .use(watchedAndContained)
  .use(alone);
