import { identifierKey } from '../../../../shared/auth/identifiers.ts';
import type { LoginInput } from '../../../../shared/auth/schemas.ts';
import type { Accounts } from '../../accounts/accounts.ts';
import type { Claim } from '../../accounts/claim.ts';
import { knowsDevice } from '../../accounts/known-devices.ts';
import type { Clock } from '../../clock.ts';
import { createRefuse, reasonOf } from '../../refusal.ts';
import type { AuthRequest } from '../../request.ts';
import { hashSecret } from '../../tokens/secrets.ts';
import { isTRPCError } from '../../trpc-error.ts';
import type { Attempt, LoginTarget } from './attempts.ts';
import type { HasherPool } from './hasher-pool.ts';
import type { LoginUser, PasswordStore } from './password-store.ts';
import type { RefuseLogin } from './refuse-login.ts';
import { refusePassword } from './refuse-password.ts';

export interface LoginOptions {
  store: PasswordStore;
  accounts: Accounts;
  hasher: HasherPool;
  clock: Clock;
  /** Whether somebody who has just signed up has no account yet. */
  requireEmailVerification: boolean;
  refuseLogin: RefuseLogin;
}

export type Login = (
  request: AuthRequest,
  input: LoginInput,
  /** The id of the browser's device, if it has one. */
  options: { device: string | undefined; attempt: Attempt },
) => Promise<Claim>;

/** An unknown identifier is limited like a known one. */
const targetOf = (key: string, user: LoginUser | undefined, device: string | undefined): LoginTarget => {
  const deviceHash = device && hashSecret(device);
  const isKnown = user !== undefined && deviceHash !== undefined && knowsDevice(user, deviceHash);
  return { identifier: key, knownDevice: isKnown ? deviceHash : undefined };
};

/** The same for everybody: whoever has signed up and not confirmed has no account, which nobody else may learn. */
const refuseUnconfirmed = createRefuse({
  invalid_credentials: {
    code: 'UNAUTHORIZED',
    message:
      'The username or the password is not right. If you have just signed up, open the link in the mail that was sent to you first.',
  },
});

/**
 * Checks a password. Whether the user exists, is disabled, has no password or another one cannot be told from the
 * answer or its time (ASVS 6.3.8). The claim looks again, so that no session starts with a password that has just been
 * changed, or for an account that has just been disabled.
 * @throws `invalid_credentials`, `rate_limited`; the claim `invalid_credentials`
 */
export const createLogin = (options: LoginOptions): Login => {
  const { store, accounts, hasher, clock, requireEmailVerification, refuseLogin } = options;
  const refuseCredentials = () =>
    requireEmailVerification ? refuseUnconfirmed('invalid_credentials') : refusePassword('invalid_credentials');
  /** Returns the hash that was tried to be put in its place. One that cannot be made now is made at the next login. */
  const renew = async (userId: string, outdated: string, password: string): Promise<string> => {
    const renewed = await hasher.hash(password).catch((error: unknown) => {
      if (reasonOf(error) === 'unavailable') return outdated;
      throw error;
    });
    if (renewed !== outdated) await store.renewHash(userId, outdated, renewed);
    return renewed;
  };

  return async (request, { username, password }, { device, attempt }) => {
    const key = identifierKey(username);
    const found = await store.findForLogin(key);
    await attempt.takeLogin(targetOf(key, found, device)).catch(async (error: unknown) => {
      throw isTRPCError(error) ? await refuseLogin(request, error, found?.id) : error;
    });

    const hash = found?.hash ?? undefined;
    const matches = await hasher.verify(hash, password, () => !request.isDisconnected());
    if (found === undefined || hash === undefined || !matches || found.disabled_at !== null) {
      attempt.keep();
      throw await refuseLogin(request, refuseCredentials(), found?.id);
    }
    await attempt.succeed();

    const standing = hasher.isOutdated(hash) ? await renew(found.id, hash, password) : hash;

    return {
      user: found,
      proof: { amr: ['pwd'], at: clock.now(), ver: found.ver },
      devices: found.devices,
      event: 'login.succeeded',
      settle: async (transaction, deviceHash) => {
        const user = await accounts.confirm(transaction, found, deviceHash);
        if (user !== undefined) return user;
        // A role that has just changed makes nobody type a right password again.
        const again = await store.findAgain(transaction, found.id);
        const isSame = again !== undefined && (again.hash === hash || again.hash === standing);
        const confirmed = isSame ? await accounts.confirm(transaction, again, deviceHash) : undefined;
        if (confirmed === undefined) throw refuseCredentials();
        return confirmed;
      },
    };
  };
};
