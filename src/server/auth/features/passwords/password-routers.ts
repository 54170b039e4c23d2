import type { TRPCRouterRecord } from '@trpc/server';
import type { VerifyEmailStep } from '../../../../shared/auth/next-steps.ts';
import {
  changePasswordInput,
  loginInput,
  passwordProofInput,
  type RegisterByEmailInput,
  type RegisterInput,
  registerByEmailInput,
  registerInput,
  type SessionGrant,
} from '../../../../shared/auth/schemas.ts';
import type { AuthContext } from '../../context.ts';
import { reportSlot } from '../../events.ts';
import { mailSlot } from '../../mail/mail.ts';
import { reasonOf } from '../../refusal.ts';
import { admit } from '../../sessions/admit.ts';
import { freshSessionProcedure, sessionProcedure } from '../../sessions/own-session.ts';
import { reauthenticate } from '../../sessions/reauthenticate.ts';
import { renew } from '../../sessions/renew.ts';
import { sessionCookiesSlot } from '../../sessions/session-cookies.ts';
import { hashSecret } from '../../tokens/secrets.ts';
import { cookieProcedure } from '../../trpc/procedures.ts';
import { isTRPCError } from '../../trpc-error.ts';
import type { Attempt } from './attempts.ts';
import { passwordsOf } from './password-service.ts';

/**
 * Counts an attempt before the input is looked at, so that nobody learns anything from one that is refused, and gives
 * it back when it fails for another reason than what it is.
 */
const limitedProcedure = (limit: 'address' | 'registration') =>
  cookieProcedure
    .meta({ policy: 'public', feature: 'passwords' })
    .use(async ({ ctx: { auth, request }, path, next }) => {
      let attempt: Attempt;
      try {
        attempt = await passwordsOf(auth).begin(limit, request);
      } catch (error) {
        reportSlot.of(auth)(request, { event: 'access.refused', reason: reasonOf(error), procedure: path });
        throw error;
      }
      const result = await next({ ctx: { attempt } });
      if (!result.ok) await attempt.giveBack(result.error);
      return result;
    });

const registerProcedure = limitedProcedure('registration');

const register = async ({
  ctx,
  input,
}: {
  ctx: AuthContext & { attempt: Attempt };
  input: RegisterInput | RegisterByEmailInput;
}): Promise<SessionGrant | VerifyEmailStep> => {
  const { auth, request, attempt } = ctx;
  const { beginSignUp } = passwordsOf(auth);
  if (beginSignUp !== undefined) return await beginSignUp(request, input, attempt);
  const grant = await admit(ctx, await passwordsOf(auth).register(request, input, attempt));
  mailSlot.of(auth).sent();
  return grant;
};

const login = limitedProcedure('address')
  .input(loginInput)
  .mutation(async ({ ctx, input }): Promise<SessionGrant> => {
    const { auth, request, cookies, attempt } = ctx;
    const device = sessionCookiesSlot.of(auth).readDevice(cookies);
    const { login: prove, refuseLogin } = passwordsOf(auth);
    const claim = await prove(request, input, { device, attempt });
    try {
      return await admit(ctx, claim);
    } catch (error) {
      // Only now, outside of the transaction that came to nothing.
      throw isTRPCError(error) && reasonOf(error) === 'invalid_credentials'
        ? await refuseLogin(request, error, claim.user.id)
        : error;
    }
  });

const reauthenticateProcedure = sessionProcedure
  .meta({ policy: 'protected', feature: 'passwords' })
  .input(passwordProofInput)
  .mutation(async ({ ctx, input }): Promise<SessionGrant> => {
    await passwordsOf(ctx.auth).prove(ctx.request, ctx.user, input.password);
    return await reauthenticate(ctx, ['pwd']);
  });

const changePassword = freshSessionProcedure()
  .meta({ policy: 'fresh', feature: 'passwords' })
  .input(changePasswordInput)
  .mutation(async ({ ctx, input }): Promise<SessionGrant> => {
    const { auth, request, cookies, user } = ctx;
    const device = sessionCookiesSlot.of(auth).readDevice(cookies);
    const { renewal, tell } = await passwordsOf(auth).prepareChange(request, user, input, device && hashSecret(device));
    const grant = await renew(ctx, renewal);
    tell();
    return grant;
  });

/** What those who are signed in do with their password. */
const ownPassword = { reauthenticate: reauthenticateProcedure, changePassword };

/** For accounts with a username and an e-mail. */
export const passwordRouters = {
  auth: { register: registerProcedure.input(registerInput).mutation(register), login, ...ownPassword },
} satisfies TRPCRouterRecord;

/** For accounts with an e-mail alone: `auth.register` asks for no username. */
export const passwordRoutersByEmail = {
  auth: { register: registerProcedure.input(registerByEmailInput).mutation(register), login, ...ownPassword },
} satisfies TRPCRouterRecord;
