import type { Role, User } from '../../../shared/auth/index.ts';
import type { UserRow } from '../store/tables.ts';

/** A user as statements read one. */
export type StoredUser = Pick<
  UserRow,
  'id' | 'username' | 'email' | 'email_verified_at' | 'roles' | 'ver' | 'disabled_at' | 'fac' | 'created_at'
>;

export const STORED_USER = [
  'id',
  'username',
  'email',
  'email_verified_at',
  'roles',
  'ver',
  'disabled_at',
  'fac',
  'created_at',
] as const satisfies readonly (keyof StoredUser)[];

/**
 * Those of the app's roles that the user holds. A row written by hand may have another one, which counts as none.
 */
const rolesOf = (user: Pick<UserRow, 'roles'>, roles: readonly Role[]): Role[] => {
  const held = user.roles.split(',');
  return roles.filter((role) => held.includes(role));
};

/** The user as every answer shows it. */
export const presentUser = (user: StoredUser, roles: readonly Role[]): User => ({
  id: user.id,
  username: user.username,
  email: user.email,
  emailVerified: user.email_verified_at !== null,
  roles: rolesOf(user, roles),
  createdAt: new Date(user.created_at).toISOString(),
});
