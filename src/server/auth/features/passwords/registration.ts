import type { TRPCError } from '@trpc/server';
import type { RegisterByEmailInput, RegisterInput } from '../../../../shared/auth/index.ts';
import type { Accounts } from '../../accounts/accounts.ts';
import type { Claim } from '../../accounts/claim.ts';
import type { Clock } from '../../clock.ts';
import type { Report } from '../../events.ts';
import type { MailedLinks } from '../../flows/mailed-links.ts';
import type { MailQueue } from '../../mail/mail.ts';
import { reasonOf, refuse } from '../../refusal.ts';
import type { AuthRequest } from '../../request.ts';
import { isTRPCError } from '../../trpc-error.ts';
import type { Attempt } from './attempts.ts';
import type { HasherPool } from './hasher-pool.ts';
import type { CheckPassword } from './password-check.ts';
import type { PasswordStore } from './password-store.ts';

export interface RegistrationOptions {
  store: PasswordStore;
  accounts: Accounts;
  hasher: HasherPool;
  check: CheckPassword;
  clock: Clock;
  mail: MailQueue;
  mailedLinks: MailedLinks;
  report: Report;
}

export type Register = (
  request: AuthRequest,
  input: RegisterInput | RegisterByEmailInput,
  attempt: Attempt,
) => Promise<Claim>;

/**
 * Prepares an account with the role `user`. The claim makes it, in the transaction that starts its first session: there
 * is both or neither.
 * @throws `password_too_common`, `password_breached`, `username_taken`, `email_taken`; so does the claim
 */
export const createRegistration =
  ({ store, accounts, hasher, check, clock, mail, mailedLinks, report }: RegistrationOptions): Register =>
  async (request, { password, ...names }, attempt) => {
    const refused = (refusal: TRPCError) => {
      report(request, { event: 'registration.refused', reason: reasonOf(refusal) ?? '' });
      return refusal;
    };

    await check(request, password, names).catch((error: unknown) => {
      throw isTRPCError(error) ? refused(error) : error;
    });
    // Before the hash, which costs more than the look-up; and again by the insert, which alone is certain.
    const takenBefore = await accounts.findTaken(names);
    // Whatever comes now, it tells whether the names are taken.
    attempt.keep();
    if (takenBefore !== undefined) throw refused(refuse(takenBefore));

    const hash = await hasher.hash(password, () => !request.isDisconnected());
    // Nobody is kept from signing up by what others behind the same address have asked for.
    const isMailed = mail.isOn() && (await mailedLinks.takeAlong(request, names.email));
    const { user, insert } = accounts.draft({ ...names, fac: 'password' });
    return {
      user,
      proof: { amr: ['pwd'], at: clock.now(), ver: user.ver },
      event: 'account.registered',
      settle: async (transaction, deviceHash) => {
        const taken = await insert(transaction, deviceHash);
        if (taken !== undefined) throw refused(refuse(taken));
        await store.insert(transaction, user.id, hash);
        if (isMailed) {
          const { id: userId, username } = user;
          const { email } = names;
          const link = {
            kind: 'confirm_address',
            userId,
            address: email,
            to: email,
            username,
            data: { email },
          } as const;
          await mailedLinks.queue(transaction, link);
        }
        return user;
      },
    };
  };
