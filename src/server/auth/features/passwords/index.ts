/**
 * Sign-up and sign-in with a password, as a feature: `createAuth({ features: [passwords()] })`. Also imports members
 * with the hashes that they have.
 *
 * @packageDocumentation
 */
import { PASSWORD_REASONS, type PasswordReason } from '../../../../shared/auth/features/passwords.ts';
import { type DefaultIdentifiers, isByEmail } from '../../accounts/identifiers.ts';
import type { Feature } from '../../feature.ts';
import type { PasswordHasher } from './argon2.ts';
import { createArgon2Pool, type HasherPool, poolOf } from './hasher-pool.ts';
import type { VerifyLegacyHash } from './legacy-hashes.ts';
import type { PasswordEvent } from './password-events.ts';
import { PASSWORD_LIMITS } from './password-limits.ts';
import { passwordMigrations } from './password-migrations.ts';
import { passwordRouters, passwordRoutersByEmail } from './password-routers.ts';
import { installPasswords } from './password-service.ts';

export type { PasswordHasher } from './argon2.ts';
export { createArgon2Pool } from './hasher-pool.ts';
export type { MemberImport, RefusedMember } from './import-batch.ts';
export { importMembers } from './import-members.ts';
export type { VerifyLegacyHash } from './legacy-hashes.ts';
export type { Member, MemberRefusal } from './member.ts';
export { createPasswordAdministration } from './password-administration.ts';
export type { PasswordChanges } from './password-changes.ts';
export type { PasswordEvent } from './password-events.ts';
export { passwordRouters, passwordRoutersByEmail } from './password-routers.ts';
export { type PasswordService, passwordsOf } from './password-service.ts';

export type PasswordFeature = Feature<
  typeof passwordRouters,
  PasswordReason,
  PasswordEvent,
  typeof passwordRoutersByEmail
>;

/** Passwords of accounts that have no username. */
export type PasswordFeatureByEmail = Feature<typeof passwordRoutersByEmail, PasswordReason, PasswordEvent>;

export interface PasswordOptions {
  /**
   * What a new account is asked for. `['email']` asks for no username.
   * @default the identifiers of createAuth
   */
  identifiers?: DefaultIdentifiers | readonly ['email'];
  /**
   * What hashes passwords, within bounds of the feature's own, whatever it is.
   * @default argon2id by OWASP's parameters
   */
  hasher?: PasswordHasher;
  /**
   * Words of which no password may be made, beside the app's name and the account's own.
   * @default []
   */
  refusedWords?: readonly string[];
  /**
   * Verifies what is none of argon2's hashes: those of members that an app had before (`importMembers`). A hash that it
   * says yes to is renewed to argon2id at once. What it throws is the server's error, and no attempt at a password.
   *
   * Until a member has signed in, whoever measures time can tell their account from none if the function takes longer
   * than argon2id does, some 30 ms. And bcrypt looks at the first 72 bytes of a password alone: whoever types more is
   * let in by those, and what they typed is their password from then on.
   *
   * @example
   * passwords({ verifyLegacyHash: (password, hash) => bcrypt.compare(password, hash) })
   */
  verifyLegacyHash?: VerifyLegacyHash;
}

/** @throws TypeError when there is a function that nobody would call. */
const hasherOf = ({ hasher, verifyLegacyHash }: PasswordOptions): HasherPool => {
  if (verifyLegacyHash === undefined) return hasher === undefined ? createArgon2Pool() : poolOf(hasher);
  if (hasher !== undefined) throw new TypeError('A hasher verifies all hashes: leave verifyLegacyHash to it.');
  return createArgon2Pool({ verifyLegacyHash });
};

/**
 * Accounts with a password, and a username and an e-mail or an e-mail alone: `auth.register` and `auth.login`.
 * @throws TypeError when an option is invalid.
 * @example
 * createAuth({ ...options, features: [passwords()] });
 */
export function passwords(options: PasswordOptions & { identifiers: readonly ['email'] }): PasswordFeatureByEmail;
export function passwords(options?: PasswordOptions & { identifiers?: DefaultIdentifiers }): PasswordFeature;
export function passwords(options: PasswordOptions = {}): PasswordFeature | PasswordFeatureByEmail {
  const hasher = hasherOf(options);
  const { identifiers, refusedWords = [] } = options;
  return {
    name: 'passwords',
    routers: identifiers !== undefined && isByEmail(identifiers) ? passwordRoutersByEmail : passwordRouters,
    routersByEmail: passwordRoutersByEmail,
    reasons: PASSWORD_REASONS,
    limits: PASSWORD_LIMITS,
    migrations: passwordMigrations,
    install: (auth, core) => ({
      ...installPasswords(auth, core, hasher, refusedWords),
      methods: () => ({ password: true }),
      stop: async () => await hasher.stop?.(),
    }),
  };
}
