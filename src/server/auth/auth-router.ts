import { loginInput, registerInput, type SessionGrant } from '../../shared/auth/index.ts';
import type { Principal } from './access-token.ts';
import type { Claim } from './accounts.ts';
import type { AuthContext } from './context.ts';
import type { Attempt } from './rate-limiter.ts';
import type { RefreshToken } from './refresh-token.ts';
import { reasonOf, refuse } from './refusal.ts';
import { cookieProcedure, protectedProcedure, router } from './trpc.ts';

/** The session that the browser's cookie names, if it names one: duplicates and garbage name none. */
const sessionInCookie = ({ auth, cookies }: AuthContext): RefreshToken | undefined => {
  const cookie = auth.cookies.readRefresh(cookies);
  return cookie.kind === 'present' ? auth.sessions.readRefreshToken(cookie.token) : undefined;
};

const signIn = async (ctx: AuthContext, claim: Claim): Promise<SessionGrant> => {
  const { auth, request, cookies } = ctx;
  const device = auth.cookies.readDevice(cookies);
  const grant = await auth.sessions.start(request, claim, { replaced: sessionInCookie(ctx), device });
  auth.cookies.writeSession(cookies, grant.cookies);
  auth.cookies.writeDevice(cookies, device);
  return grant.answer;
};

/** Who bears the access token, if it is a valid one. A logout takes no offence at another. */
const bearerOf = ({ auth, request }: AuthContext): Principal | undefined => {
  try {
    return auth.gate.identify(request.authorization);
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
      auth.accounts.ensureRoom();
      attempt = await auth.rateLimiter.begin(limit, request);
    } catch (error) {
      auth.report(request, { event: 'access.refused', reason: reasonOf(error), procedure: path });
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
      const answer = await signIn(ctx, await ctx.auth.accounts.register(ctx.request, input, ctx.attempt));
      ctx.auth.report(ctx.request, { event: 'account.registered', userId: answer.user.id });
      return answer;
    }),

  login: limitedProcedure('address')
    .input(loginInput)
    .mutation(async ({ ctx, input }): Promise<SessionGrant> => {
      const device = ctx.auth.cookies.readDevice(ctx.cookies);
      const answer = await signIn(
        ctx,
        await ctx.auth.accounts.verify(ctx.request, input, { device, attempt: ctx.attempt }),
      );
      ctx.auth.report(ctx.request, { event: 'login.succeeded', userId: answer.user.id });
      return answer;
    }),

  refresh: cookieProcedure.mutation(async ({ ctx }): Promise<SessionGrant> => {
    const { auth, request, cookies } = ctx;
    const cookie = auth.cookies.readRefresh(cookies);
    if (cookie.kind !== 'present') {
      const reason = cookie.kind === 'missing' ? 'refresh_token_missing' : 'refresh_token_ambiguous';
      auth.report(request, { event: 'refresh.refused', reason });
      throw refuse(reason);
    }
    const grant = await auth.sessions.refresh(request, cookie.token);
    auth.cookies.writeSession(cookies, grant.cookies);
    return grant.answer;
  }),

  logout: cookieProcedure.mutation(async ({ ctx }): Promise<{ ok: true }> => {
    await ctx.auth.sessions.logout(ctx.request, sessionInCookie(ctx), bearerOf(ctx));
    ctx.auth.cookies.clearSession(ctx.cookies);
    return { ok: true };
  }),

  claims: protectedProcedure.query(({ ctx }) => ({
    userId: ctx.user.id,
    roles: ctx.user.roles,
    authTime: new Date(ctx.user.authTime).toISOString(),
  })),
});
