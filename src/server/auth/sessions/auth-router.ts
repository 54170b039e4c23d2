import type { TRPCRouterRecord } from '@trpc/server';
import type { SessionGrant } from '../../../shared/auth/index.ts';
import type { AuthContext } from '../context.ts';
import { reportSlot } from '../events.ts';
import { flowCookieSlot } from '../flows/flow-cookie.ts';
import { flowsSlot } from '../flows/flows.ts';
import { freshProofsSlot } from '../gate/fresh-proofs.ts';
import { gateSlot } from '../gate/gate.ts';
import { refuse } from '../refusal.ts';
import type { Principal } from '../tokens/access-tokens.ts';
import { cookieProcedure, protectedProcedure } from '../trpc/procedures.ts';
import { sessionInCookie } from './admit.ts';
import { sessionCookiesSlot } from './session-cookies.ts';
import { sessionsSlot } from './sessions.ts';

/** Who bears the access token, if it is a valid one. A logout ignores an invalid one. */
const bearerOf = ({ auth, request }: AuthContext): Principal | undefined => {
  try {
    return gateSlot.of(auth).identify(request.authorization);
  } catch {
    return undefined;
  }
};

export const authProcedures = {
  refresh: cookieProcedure.mutation(async ({ ctx }): Promise<SessionGrant> => {
    const { auth, request, cookies } = ctx;
    const sessionCookies = sessionCookiesSlot.of(auth);
    const cookie = sessionCookies.readRefresh(cookies);
    if (cookie.kind !== 'present') {
      const reason = cookie.kind === 'missing' ? 'refresh_token_missing' : 'refresh_token_ambiguous';
      reportSlot.of(auth)(request, { event: 'refresh.refused', reason });
      throw refuse(reason);
    }
    const fresh = freshProofsSlot.of(auth).read(cookies);
    const grant = await sessionsSlot.of(auth).refresh(request, cookie.token, fresh);
    sessionCookies.writeSession(cookies, grant.cookies);
    return grant.answer;
  }),

  logout: cookieProcedure.mutation(async ({ ctx }): Promise<{ ok: true }> => {
    await sessionsSlot.of(ctx.auth).logout(ctx.request, sessionInCookie(ctx), bearerOf(ctx));
    // Whoever comes to this browser next finishes nothing that was begun in it.
    const browser = flowCookieSlot.of(ctx.auth).read(ctx.cookies);
    if (browser !== undefined) await flowsSlot.of(ctx.auth).voidAll({ browser });
    sessionCookiesSlot.of(ctx.auth).clearSession(ctx.cookies);
    return { ok: true };
  }),

  claims: protectedProcedure.query(({ ctx }) => ({
    userId: ctx.user.id,
    roles: ctx.user.roles,
    authTime: new Date(ctx.user.authTime).toISOString(),
  })),
} satisfies TRPCRouterRecord;
