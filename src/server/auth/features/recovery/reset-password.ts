import type { ResetPasswordInput } from '../../../../shared/auth/index.ts';
import { raiseVersion } from '../../accounts/account-store.ts';
import { withoutOthers } from '../../accounts/known-devices.ts';
import type { StoredUser } from '../../accounts/stored-user.ts';
import type { Report } from '../../events.ts';
import type { AuthCore } from '../../feature.ts';
import type { Flow } from '../../flows/flow.ts';
import type { AuthRequest } from '../../request.ts';
import type { RecordEvents } from '../../store/recording.ts';
import type { AuthDatabase } from '../../store/tables.ts';
import { hashSecret } from '../../tokens/secrets.ts';
import { refuseMail } from '../mail/index.ts';
import type { PasswordService } from '../passwords/index.ts';
import type { RecoveryEvent } from './recovery-events.ts';

export interface ResetPasswordOptions {
  core: AuthCore;
  passwords: PasswordService;
}

export type ResetPassword = (
  request: AuthRequest,
  input: ResetPasswordInput,
  /** The id of the browser's device, if it has one. */
  device: string | undefined,
) => Promise<void>;

/**
 * What survives a reset: a way back alone. The confirmation of another address does not, though it survives a change of
 * the password: whoever is expelled by the reset may have asked for it, and has the link in their own mailbox. Pressed
 * by the owner, who is signed in, it would hand the account over.
 */
const SURVIVING = ['revert_email'];

/**
 * Sets a password by a mailed link, and signs nobody in: a second factor is asked for at the next sign-in like at any
 * other (ASVS 6.4.3). All that whoever had the account can go on with ends, and the address has proven to be its
 * owner's. Where it was only claimed, whoever claimed it loses every other way in.
 * @throws `token_invalid`, `password_too_common`, `unavailable`; none of the latter two uses the link up.
 */
export const createResetPassword = ({ core, passwords }: ResetPasswordOptions): ResetPassword => {
  const { accounts, announce, clock, credentials, flows, sessions, mail } = core;
  const report: Report<RecoveryEvent> = core.report;
  const record: RecordEvents<RecoveryEvent> = core.record;

  const findUser = async ({ userId }: Flow) => (userId === null ? undefined : await accounts.find(userId));

  /** The ways in and the factors that whoever claimed the address has set up. */
  const removeOthers = async (transaction: AuthDatabase, userId: string): Promise<void> => {
    for (const credential of credentials.credentials()) {
      if (credential.method !== 'password') await credential.remove(userId, {}, transaction);
    }
    for (const factor of credentials.secondFactors()) await factor.remove(userId, {}, transaction);
  };

  return async (request, { token, password }, device) => {
    const flow = await flows.attempt(token, 'reset');
    const account = flow && (await findUser(flow));
    if (flow === undefined || account === undefined) throw refuseMail('token_invalid');
    const { id: userId } = account;
    const hash = await passwords.prepare(request, password, account).catch(async (error: unknown) => {
      await flows.refund(token);
      throw error;
    });

    const now = clock.now();
    const events: RecoveryEvent[] = [
      ...(account.emailVerified ? [] : [{ event: 'email.confirmed', userId } as const]),
      { event: 'password.reset', userId },
    ];
    const change = async (transaction: AuthDatabase): Promise<StoredUser> => {
      const user = await raiseVersion(transaction, userId, now)
        .set((row) => ({
          devices: withoutOthers(device && hashSecret(device), now),
          email_verified_at: row.fn.coalesce('email_verified_at', row.val(now)),
        }))
        .$if(flow.ver !== null, (query) => query.where('ver', '=', flow.ver ?? 0))
        .where('disabled_at', 'is', null)
        .executeTakeFirst();
      if (user === undefined || (await flows.consume(token, 'reset', transaction)) === undefined) {
        throw refuseMail('token_invalid');
      }
      if (!account.emailVerified) await removeOthers(transaction, userId);
      await credentials.passwords()?.put(transaction, userId, hash);
      await flows.voidAll({ userId, exceptKinds: SURVIVING }, transaction);
      await record(transaction, request, events);
      return user;
    };
    const changed = await sessions.changeAndEnd(request, { userId, cause: 'password_changed', now }, change);
    if (changed !== undefined) await announce([{ kind: 'user', userId, ver: changed.ver }]);
    await passwords.forgetAttempts(request, account, device);
    mail.sent();
    for (const event of events) report(request, event);
  };
};
