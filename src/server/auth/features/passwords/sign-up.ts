import type { RegisterByEmailInput, RegisterInput, VerifyEmailStep } from '../../../../shared/auth/index.ts';
import { WAY_BACK } from '../../accounts/address-changes.ts';
import type { AuthCore } from '../../feature.ts';
import { MAILED_LINK_MS } from '../../flows/mailed-links.ts';
import { refuse } from '../../refusal.ts';
import type { AuthRequest } from '../../request.ts';
import { createRandomName } from '../../tokens/secrets.ts';
import type { Attempt } from './attempts.ts';
import type { HasherPool } from './hasher-pool.ts';
import type { CheckPassword } from './password-check.ts';

export type BeginSignUp = (
  request: AuthRequest,
  input: RegisterInput | RegisterByEmailInput,
  attempt: Attempt,
) => Promise<VerifyEmailStep>;

const NEXT: VerifyEmailStep = { next: 'verify_email' };

/**
 * Where an address has to be confirmed first: a registration that makes no account yet, and reserves nothing. The link
 * that is mailed makes it, with the password. Whoever has an account there is told so by mail instead: neither the
 * answer nor its time tells which it was (ASVS 6.3.8), for both are written alike.
 * @throws `password_too_common`, `password_breached`, `rate_limited` by the address of the caller, `unavailable`
 */
export const createBeginSignUp = (core: AuthCore, hasher: HasherPool, check: CheckPassword): BeginSignUp => {
  const { accounts, clock, database, flows, mail, mailedLinks } = core;

  return async (request, { password, ...names }, attempt) => {
    await check(request, password, names);
    if (!mail.isOn()) throw refuse('unavailable');
    await mailedLinks.takeAddress(request);
    // Whatever comes now, it has cost a mail.
    attempt.keep();
    const hash = await hasher.hash(password, () => !request.isDisconnected());
    const { email } = names;
    if (!(await mailedLinks.takeRecipient(email))) return NEXT;

    const known = await accounts.findByIdentifier(email);
    const isKept = await flows.holdsAddress(email, { kind: WAY_BACK });
    const username = 'username' in names ? names.username : null;
    const data = { email, hash, ...(username !== null && { username }) };
    const owner = known?.email_verified_at === null ? undefined : known;
    await database.transaction().execute(async (transaction) => {
      if (owner === undefined && !isKept) {
        await mailedLinks.queue(transaction, { kind: 'registration', address: email, to: email, username, data });
        return;
      }
      // Nobody is given its name. It is there for the same time to be spent.
      const ttlMs = MAILED_LINK_MS.registration;
      await flows.begin({ kind: 'registration', address: email, data, ttlMs, maxAlive: 3 }, transaction);
      if (owner === undefined || owner.email === null) {
        // Somebody can take the address back, and is told nothing: a mail that nothing stands behind is dropped.
        const link = { token: createRandomName(), endsAt: clock.now() };
        await mail.queue(transaction, { kind: 'confirm_address', userId: null, to: email, username, link });
        return;
      }
      const { id: userId, email: to } = owner;
      await mail.queue(transaction, { kind: 'account_exists', userId, to, username: owner.username });
    });
    mail.sent();
    return NEXT;
  };
};
