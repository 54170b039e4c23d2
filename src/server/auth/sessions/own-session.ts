import type { TRPCError } from '@trpc/server';
import type { AuthContext } from '../context.ts';
import { freshProofsSlot } from '../gate/fresh-proofs.ts';
import { reasonOf, refuse } from '../refusal.ts';
import type { Principal } from '../tokens/access-tokens.ts';
import { type FreshOptions, freshCookieProcedure } from '../trpc/fresh.ts';
import { atOwnGate } from '../trpc/own-gate.ts';
import { protectedCookieProcedure } from '../trpc/procedures.ts';
import { isTRPCError } from '../trpc-error.ts';
import type { PresentedCookies } from './refreshing.ts';
import { sessionCookiesSlot } from './session-cookies.ts';
import { sessionsSlot } from './sessions.ts';

/**
 * The cookies of the session that calls. Where the refresh cookie is missing, broken or of another session, the caller
 * is to refresh: that says what it is.
 * @throws `access_token_stale`
 */
const ownCookies = ({ auth, cookies, user }: AuthContext & { user: Principal }): PresentedCookies => {
  const cookie = sessionCookiesSlot.of(auth).readRefresh(cookies);
  const value = cookie.kind === 'present' ? cookie.token : undefined;
  const token = value === undefined ? undefined : sessionsSlot.of(auth).readRefreshToken(value);
  if (value === undefined || token?.sid !== user.sid || token.userId !== user.id) throw refuse('access_token_stale');
  return { value, token, fresh: freshProofsSlot.of(auth).read(cookies) };
};

/**
 * Runs what is inside with the cookies of the session that calls. What it finds out there before anything has happened,
 * that the session cannot be refreshed with them, is the gate's word too.
 */
const withOwnCookies = async <TResult extends { ok: true } | { ok: false; error: TRPCError }>(
  ctx: AuthContext & { user: Principal },
  path: string,
  run: (presented: PresentedCookies) => Promise<TResult>,
): Promise<TResult> => {
  const { request } = ctx;
  const ofGate = (error: unknown): unknown =>
    isTRPCError(error) && reasonOf(error) === 'access_token_stale' ? atOwnGate(error, { request, path }) : error;
  let presented: PresentedCookies;
  try {
    presented = ownCookies(ctx);
  } catch (error) {
    throw ofGate(error);
  }
  const result = await run(presented);
  if (!result.ok) ofGate(result.error);
  return result;
};

/** A mutation of `auth` with a valid access token and the refresh cookie of the same session: `ctx.presented`. */
export const sessionProcedure = protectedCookieProcedure.use(({ ctx, path, next }) =>
  withOwnCookies(ctx, path, (presented) => next({ ctx: { presented } })),
);

/** The same, with a fresh proof: for whatever changes a credential of whoever calls, which ends in `renew`. */
export const freshSessionProcedure = (options?: FreshOptions) =>
  freshCookieProcedure(options).use(({ ctx, path, next }) =>
    withOwnCookies(ctx, path, (presented) => next({ ctx: { presented } })),
  );
