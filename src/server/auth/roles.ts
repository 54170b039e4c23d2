import type { Role } from '../../shared/auth/index.ts';
import { createCoreSlot } from './slot.ts';

/**
 * Without the wildcards of SQL's `like`, which also takes no notice of case on SQLite: what a row holds is asked by it.
 */
const NAME = /^[a-z][a-z0-9-]*$/;

/**
 * In bytes, of all names with a comma between them: a user may hold all of them, and the access token carries them with
 * each call.
 */
const MAX_LENGTH = 1_024;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as the type says of itself; an app that registers others gives them
export const DEFAULT_ROLES = ['user', 'admin'] as readonly string[] as readonly Role[];

/** The role whose last holder keeps it, and their account, unless that is forced. An app may do without it. */
export const ADMIN_ROLE: string = 'admin';

export const rolesSlot = createCoreSlot<readonly Role[]>('roles');

/** @throws TypeError saying what is wrong with an app's roles. */
export const checkRoles = (roles: readonly Role[]): void => {
  const wrong = roles.filter((role) => !NAME.test(role));
  if (wrong.length > 0) {
    throw new TypeError(
      `A role is named by lower-case letters, digits and dashes, unlike ${wrong.map((name) => JSON.stringify(name)).join(', ')}.`,
    );
  }
  if (roles.length === 0) throw new TypeError('There is no role. The first one is what a new account has.');
  if (new Set(roles).size < roles.length) throw new TypeError('A role was given twice.');
  if (roles.join(',').length > MAX_LENGTH) throw new TypeError(`The roles have more than ${MAX_LENGTH} bytes in all.`);
};
