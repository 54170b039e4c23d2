import { PASSWORD_REASONS, type PasswordReason } from '../../../../shared/auth/index.ts';
import type { Feature } from '../../feature.ts';
import type { PasswordHasher } from './argon2.ts';
import { createArgon2Pool, poolOf } from './hasher-pool.ts';
import type { PasswordEvent } from './password-events.ts';
import { PASSWORD_LIMITS } from './password-limits.ts';
import { passwordMigrations } from './password-migrations.ts';
import { passwordRouters, passwordRoutersByEmail } from './password-routers.ts';
import { installPasswords } from './password-service.ts';

export type { PasswordHasher } from './argon2.ts';
export { createArgon2Pool } from './hasher-pool.ts';
export type { MemberImport, RefusedMember } from './import-batch.ts';
export { importMembers } from './import-members.ts';
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

export interface PasswordOptions {
  /**
   * What hashes passwords, within bounds of the feature's own, whatever it is.
   * @default argon2id by OWASP's parameters
   */
  hasher?: PasswordHasher;
}

/**
 * Accounts with a password, and a username and an e-mail or an e-mail alone: `auth.register` and `auth.login`.
 * @example
 * createAuth({ ...options, features: [passwords()] });
 */
export const passwords = ({ hasher }: PasswordOptions = {}): PasswordFeature => ({
  name: 'passwords',
  routers: passwordRouters,
  routersByEmail: passwordRoutersByEmail,
  reasons: PASSWORD_REASONS,
  limits: PASSWORD_LIMITS,
  migrations: passwordMigrations,
  install: (auth, core) => {
    installPasswords(auth, core, hasher === undefined ? createArgon2Pool() : poolOf(hasher));
    return {};
  },
});
