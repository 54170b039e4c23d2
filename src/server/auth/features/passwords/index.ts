import { PASSWORD_REASONS, type PasswordReason } from '../../../../shared/auth/index.ts';
import type { Feature } from '../../feature.ts';
import type { PasswordHasher } from './argon2.ts';
import { createArgon2Pool, poolOf } from './hasher-pool.ts';
import type { PasswordEvent } from './password-events.ts';
import { PASSWORD_LIMITS } from './password-limits.ts';
import { passwordMigrations } from './password-migrations.ts';
import { passwordRouters } from './password-routers.ts';
import { installPasswords } from './password-service.ts';

export type { PasswordHasher } from './argon2.ts';
export { createArgon2Pool } from './hasher-pool.ts';
export { createPasswordAdministration } from './password-administration.ts';
export type { NewMember, PasswordChanges } from './password-changes.ts';
export type { PasswordEvent } from './password-events.ts';
export { passwordRouters } from './password-routers.ts';
export { type PasswordService, passwordsOf } from './password-service.ts';

export interface PasswordOptions {
  /**
   * What hashes passwords, within bounds of the feature's own, whatever it is.
   * @default argon2id by OWASP's parameters
   */
  hasher?: PasswordHasher;
}

/** Accounts with a username, an e-mail and a password: `auth.register` and `auth.login`. */
export const passwords = ({
  hasher,
}: PasswordOptions = {}): Feature<typeof passwordRouters, PasswordReason, PasswordEvent> => ({
  name: 'passwords',
  routers: passwordRouters,
  reasons: PASSWORD_REASONS,
  limits: PASSWORD_LIMITS,
  migrations: passwordMigrations,
  install: (auth, core) => {
    installPasswords(auth, core, hasher === undefined ? createArgon2Pool() : poolOf(hasher));
    return {};
  },
});
