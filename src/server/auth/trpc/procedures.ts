import { initTRPC } from '@trpc/server';
import type { Role } from '../../../shared/auth/index.ts';
import type { AuthContext } from '../context.ts';
import { reportSlot } from '../events.ts';
import { demandsSlot } from '../gate/demands.ts';
import { gateSlot } from '../gate/gate.ts';
import { subscriptionsSlot } from '../gate/subscriptions.ts';
import { createInterrupt } from '../interrupt.ts';
import { reasonOf, refuse, refuseUnavailable } from '../refusal.ts';
import { isStoreUnavailable } from '../store/store-errors.ts';
import type { Principal } from '../tokens/access-tokens.ts';
import { aroundCall } from './around-call.ts';
import { contain, containing } from './contain.ts';
import { markGate } from './gate-marks.ts';
import { guardLater } from './guard-later.ts';
import { trpcOptions } from './options.ts';
import type { StreamGuard } from './streamed-data.ts';
import { subscribed } from './subscribed.ts';

/** What a procedure declares of itself. A router in which one does not is refused at start. */
export interface ProcedureMeta {
  policy: 'public' | 'protected' | 'fresh' | `role:${Role}`;
  /**
   * The feature that it is of. A router that holds it is refused at start, unless `createAuth` was given that feature.
   */
  feature?: string;
}

const t = initTRPC.context<AuthContext>().meta<ProcedureMeta>().create(trpcOptions());

/**
 * tRPC's own, of a root without a transformer, whose context is the stack's: for an app that adds neither. Others have
 * theirs from `initTRPC.create(trpcOptions({ auth }))`.
 */
export const { router, createCallerFactory } = t;

const endless = createInterrupt();
const openGuard: StreamGuard = { open: () => ({ interrupt: endless, close: () => {} }), contain };

/** The outermost middleware of what anyone may call. */
const open = t.middleware(({ ctx, path, type, next, getRawInput }) =>
  aroundCall(ctx, { path, type }, async () => {
    const result = await containing({ request: ctx.request, path }, getRawInput, (remembered) =>
      next({ getRawInput: remembered }),
    );
    return guardLater(result, ctx.request, type, openGuard);
  }),
);

/** The outermost middleware of what asks for a valid access token. */
const gated = t.middleware(({ ctx, path, type, signal, next, getRawInput }) =>
  aroundCall(ctx, { path, type }, async () => {
    const { auth, request } = ctx;
    let user: Principal;
    try {
      user = await gateSlot.of(auth).authenticate(request.authorization);
      demandsSlot.of(auth)(user, path);
    } catch (error) {
      const refusal = isStoreUnavailable(error) ? refuseUnavailable(error) : error;
      reportSlot.of(auth)(request, { event: 'access.refused', reason: reasonOf(refusal), procedure: path });
      throw refusal;
    }
    request.identify(user.id);
    const run = () =>
      containing({ request, path }, getRawInput, (remembered) => {
        const passed = { ctx: { user }, getRawInput: remembered };
        return next<{ user: Principal }>(passed);
      });
    if (type === 'subscription') return await subscribed({ auth, request, user, signal }, run);
    const watch = () => subscriptionsSlot.of(auth).watchAnswer(user, request, signal);
    return guardLater(await run(), request, type, { open: watch, contain });
  }),
);

/**
 * The head of a stream is out before its resolver runs, and the cookies of a batch's calls would overwrite each other.
 */
const alone = t.middleware(({ ctx, next }) => {
  if (!ctx.request.isSoleCall) throw refuse('transport_not_allowed');
  return next();
});

/*
 * An app with a context of its own builds on these:
 *
 *     const t = initTRPC.context<AppContext>().meta<ProcedureMeta>().create(trpcOptions({ auth }));
 *     export const protectedProcedure = t.procedure.concat(latchkey.protectedProcedure);
 */

/** Anyone may call it. */
export const publicProcedure = markGate('public', t.procedure.meta({ policy: 'public' }).use(open));

/** Only with a valid access token: `ctx.user` is who calls. A subscription built on it ends when the session does. */
export const protectedProcedure = markGate('protected', t.procedure.meta({ policy: 'protected' }).use(gated));

/** Only for a user who has the role, by the access token: a role that changes makes the token stale. */
export const roleProcedure = (role: Role) =>
  markGate(
    `role:${role}`,
    protectedProcedure.meta({ policy: `role:${role}` }).use(({ ctx: { auth, request, user }, path, next }) => {
      if (!user.roles.includes(role)) {
        reportSlot.of(auth)(request, { event: 'access.refused', reason: 'role_required', procedure: path });
        throw refuse('role_required');
      }
      return next();
    }),
  );

/** Travels alone, and so may write cookies. The base of every mutation of the router `auth`, and of nothing else. */
export const cookieProcedure = markGate('alone', publicProcedure.use(alone));

/** The same, with a valid access token. */
export const protectedCookieProcedure = markGate('alone', protectedProcedure.use(alone));
