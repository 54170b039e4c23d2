import { loginInput, registerInput, type SessionGrant } from '../../../shared/auth/index.ts';
import { accountsSlot, type Claim } from '../accounts/accounts.ts';
import type { AuthContext } from '../context.ts';
import { reportSlot } from '../events.ts';
import { gateSlot } from '../gate.ts';
import { type Attempt, rateLimiterSlot } from '../limits/rate-limiter.ts';
import { reasonOf, refuse } from '../refusal.ts';
import type { Principal } from '../tokens/access-tokens.ts';
import type { RefreshToken } from '../tokens/refresh-tokens.ts';
import { cookieProcedure, protectedProcedure, router } from '../trpc.ts';
import { sessionCookiesSlot } from './session-cookies.ts';
import { sessionsSlot } from './sessions.ts';

/** The session that the browser's cookie names, if it names one: duplicates and garbage name none. */
const sessionInCookie = ({ auth, cookies }: AuthContext): RefreshToken | undefined => {
  const cookie = sessionCookiesSlot.of(auth).readRefresh(cookies);
  return cookie.kind === 'present' ? sessionsSlot.of(auth).readRefreshToken(cookie.token) : undefined;
};

const signIn = async (ctx: AuthContext, claim: Claim): Promise<SessionGrant> => {
  const { auth, request, cookies } = ctx;
  const jar = sessionCookiesSlot.of(auth);
  const device = jar.readDevice(cookies);
  const grant = await sessionsSlot.of(auth).start(request, claim, { replaced: sessionInCookie(ctx), device });
  jar.writeSession(cookies, grant.cookies);
  jar.writeDevice(cookies, device);
  return grant.answer;
};

/** Who bears the access token, if it is a valid one. A logout takes no offence at another. */
const bearerOf = ({ auth, request }: AuthContext): Principal | undefined => {
  try {
    return gateSlot.of(auth).identify(request.authorization);
  } catch {
    return undefined;
  }
};

/**
 * Counts a try before the input is looked at, so that nobody learns anything from one that is refused, and gives it back when it fails
 * for another reason than what it is.
 */
const limitedProcedure = (limit: 'address' | 'registration') =>
  cookieProcedure.use(async ({ ctx: { auth, request }, path, next }) => {
    let attempt: Attempt;
    try {
      accountsSlot.of(auth).ensureRoom();
      attempt = await rateLimiterSlot.of(auth).begin(limit, request);
    } catch (error) {
      reportSlot.of(auth)(request, { event: 'access.refused', reason: reasonOf(error), procedure: path });
      throw error;
    }
    const result = await next({ ctx: { attempt } });
    if (!result.ok) await attempt.giveBack(result.error);
    return result;
  });

export const authRouter = router({
  register: limitedProcedure('registration')
    .input(registerInput)
    .mutation(async ({ ctx, input }): Promise<SessionGrant> => {
      const answer = await signIn(ctx, await accountsSlot.of(ctx.auth).register(ctx.request, input, ctx.attempt));
      reportSlot.of(ctx.auth)(ctx.request, { event: 'account.registered', userId: answer.user.id });
      return answer;
    }),

  login: limitedProcedure('address')
    .input(loginInput)
    .mutation(async ({ ctx, input }): Promise<SessionGrant> => {
      const device = sessionCookiesSlot.of(ctx.auth).readDevice(ctx.cookies);
      const answer = await signIn(
        ctx,
        await accountsSlot.of(ctx.auth).verify(ctx.request, input, { device, attempt: ctx.attempt }),
      );
      reportSlot.of(ctx.auth)(ctx.request, { event: 'login.succeeded', userId: answer.user.id });
      return answer;
    }),

  refresh: cookieProcedure.mutation(async ({ ctx }): Promise<SessionGrant> => {
    const { auth, request, cookies } = ctx;
    const cookie = sessionCookiesSlot.of(auth).readRefresh(cookies);
    if (cookie.kind !== 'present') {
      const reason = cookie.kind === 'missing' ? 'refresh_token_missing' : 'refresh_token_ambiguous';
      reportSlot.of(auth)(request, { event: 'refresh.refused', reason });
      throw refuse(reason);
    }
    const grant = await sessionsSlot.of(auth).refresh(request, cookie.token);
    sessionCookiesSlot.of(auth).writeSession(cookies, grant.cookies);
    return grant.answer;
  }),

  logout: cookieProcedure.mutation(async ({ ctx }): Promise<{ ok: true }> => {
    await sessionsSlot.of(ctx.auth).logout(ctx.request, sessionInCookie(ctx), bearerOf(ctx));
    sessionCookiesSlot.of(ctx.auth).clearSession(ctx.cookies);
    return { ok: true };
  }),

  claims: protectedProcedure.query(({ ctx }) => ({
    userId: ctx.user.id,
    roles: ctx.user.roles,
    authTime: new Date(ctx.user.authTime).toISOString(),
  })),
});
