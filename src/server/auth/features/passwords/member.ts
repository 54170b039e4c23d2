import { randomUUID } from 'node:crypto';
import type { Role } from '../../../../shared/auth/roles.ts';
import { emailSchema, usernameSchema } from '../../../../shared/auth/schemas.ts';
import { type IdentifierKeys, keysOf } from '../../accounts/identifier-keys.ts';
import type { StoredUser } from '../../accounts/stored-user.ts';

/** A member as an app brings one along. Null is as good as nothing. */
export interface Member {
  /** 1 to 128 visible ASCII characters, kept as they are. @default a random UUID */
  id?: string | null | undefined;
  /** A member has a username, an e-mail or both. */
  username?: string | null | undefined;
  email?: string | null | undefined;
  /** Whether the app knows that the address is the member's. @default false */
  emailVerified?: boolean | null | undefined;
  /**
   * A PHC string of argon2, or whatever `passwords({ verifyLegacyHash })` can verify: at most 1,024 visible ASCII
   * characters. Without one the member has no password.
   */
  passwordHash?: string | null | undefined;
  /** @default the first of the app's roles */
  roles?: readonly Role[] | null | undefined;
  /** A date, ISO 8601, or milliseconds since the epoch. @default now */
  createdAt?: Date | string | number | null | undefined;
  /** Whether the member may not sign in. @default false */
  disabled?: boolean | null | undefined;
}

/** Why a member was not taken. `…_invalid` says that the stack's rules do not allow it. */
export type MemberRefusal =
  /** No object. */
  | 'member_invalid'
  | `${'id' | 'username' | 'email' | 'password_hash' | 'roles' | 'created_at'}_invalid`
  | `${'id' | 'username' | 'email'}_taken`
  | 'role_unknown'
  /** Neither a username nor an e-mail. */
  | 'identifier_missing';

/** A member as the store takes one. */
export interface MemberRow extends Omit<StoredUser, 'ver'>, IdentifierKeys {
  hash: string | null;
}

/** What tokens, logs, keys of limits and URLs carry without a second thought. */
const ID = /^[!-~]{1,128}$/;
const HASH = /^[ -~]{1,1024}$/;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const read = (schema: typeof usernameSchema | typeof emailSchema, text: string | null | undefined) =>
  text === null || text === undefined ? { success: true as const, data: null } : schema.safeParse(text);

/** By what it may be when it comes from a file or a database, whatever the types say. */
const timeOf = (value: unknown): number =>
  value instanceof Date || typeof value === 'string' || typeof value === 'number'
    ? new Date(value).getTime()
    : Number.NaN;

/** Looks at all that can be said of a member without the store. */
export const readMember = (
  member: Member,
  { roles, now }: { roles: readonly Role[]; now: number },
): MemberRow | MemberRefusal => {
  if (!isObject(member)) return 'member_invalid';
  const id = member.id ?? randomUUID();
  if (typeof id !== 'string' || !ID.test(id)) return 'id_invalid';
  const username = read(usernameSchema, member.username);
  if (!username.success) return 'username_invalid';
  const email = read(emailSchema, member.email);
  if (!email.success) return 'email_invalid';
  if (username.data === null && email.data === null) return 'identifier_missing';
  const hash = member.passwordHash ?? null;
  if (hash !== null && (typeof hash !== 'string' || !HASH.test(hash))) return 'password_hash_invalid';
  const held = member.roles ?? roles.slice(0, 1);
  if (!Array.isArray(held)) return 'roles_invalid';
  if (held.some((role: Role) => !roles.includes(role))) return 'role_unknown';
  const createdAt = timeOf(member.createdAt ?? now);
  if (Number.isNaN(createdAt)) return 'created_at_invalid';
  return {
    id,
    username: username.data,
    email: email.data,
    ...keysOf({ username: username.data, email: email.data }),
    email_verified_at: member.emailVerified === true && email.data !== null ? now : null,
    roles: roles.filter((role) => held.includes(role)).join(','),
    // Also by the 1 that some databases have for true: who is locked out must not come in by it.
    disabled_at: member.disabled ? now : null,
    fac: hash === null ? '' : 'password',
    created_at: createdAt,
    hash,
  };
};
