import type { AuthContext } from '../context.ts';
import { reportSlot } from '../events.ts';
import { freshProofsSlot } from '../gate/fresh-proofs.ts';
import { reasonOf, refuseUnlessFresh } from '../refusal.ts';
import type { Principal } from '../tokens/access-tokens.ts';
import { markGate } from './gate-marks.ts';
import { atOwnGate } from './own-gate.ts';
import { protectedCookieProcedure, protectedProcedure } from './procedures.ts';

export interface FreshOptions {
  /**
   * How old the proof may be, in seconds.
   * @default 600
   */
  maxAge?: number;
}

/** Ten minutes: long enough for a page on which one changes several things, and shorter than a coffee. */
export const FRESH_MAX_AGE = 600;

type Caller = AuthContext & { user: Principal };

export const isFresh = ({ auth, cookies, user }: Caller, maxAge: number): boolean =>
  freshProofsSlot.of(auth).isMet(user, cookies, maxAge);

/**
 * Refuses a call before its resolver runs, unless what a sign-in of the account asks for was proven lately. Costs no
 * statement.
 * @throws `reauthentication_required` with what to prove
 */
export const requireFresh = (ctx: Caller, path: string, maxAge: number): void => {
  if (isFresh(ctx, maxAge)) return;
  const { auth, request, user } = ctx;
  const refusal = refuseUnlessFresh({ maxAge, methods: [...user.fac] });
  reportSlot.of(auth)(request, { event: 'access.refused', reason: reasonOf(refusal), procedure: path });
  throw atOwnGate(refusal, { request, path });
};

/** @throws TypeError for an age that no proof has */
const checkAge = (maxAge: number): number => {
  if (!Number.isSafeInteger(maxAge) || maxAge < 1) throw new TypeError('maxAge is a number of seconds, from 1 up.');
  return maxAge;
};

/**
 * Only for somebody who has proved lately who they are, by all that a sign-in of the account asks for, in the browser
 * that calls (ASVS 7.5.1): the access token says when, and the cookie `fresh` that it was here. Whoever has not is
 * refused before the resolver runs, with `error.data.reauthenticate`; the client asks for the proof and sends the call
 * once more (`auth.onReauthenticate`).
 * @throws `reauthentication_required`; TypeError where `maxAge` is no number of seconds
 * @example
 * export const deleteProject = t.procedure
 *   .concat(freshProcedure({ maxAge: 300 }))
 *   .input(z.object({ id: z.string() }))
 *   .mutation(({ ctx, input }) => projects.delete(ctx.user.id, input.id));
 */
export const freshProcedure = ({ maxAge = FRESH_MAX_AGE }: FreshOptions = {}) => {
  checkAge(maxAge);
  return markGate(
    'fresh',
    protectedProcedure.meta({ policy: 'fresh' }).use(({ ctx, path, next }) => {
      requireFresh(ctx, path, maxAge);
      return next();
    }),
  );
};

/** The same for mutations of the router `auth`, which travel alone and may write cookies. */
export const freshCookieProcedure = ({ maxAge = FRESH_MAX_AGE }: FreshOptions = {}) =>
  markGate(
    'fresh',
    protectedCookieProcedure.meta({ policy: 'fresh' }).use(({ ctx, path, next }) => {
      requireFresh(ctx, path, maxAge);
      return next();
    }),
  );
