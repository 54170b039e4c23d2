import { identifierKey } from '../../../shared/auth/identifiers.ts';
import type { UserRow } from '../store/tables.ts';

/** The identifiers of an account. It may lack either. */
export interface AccountNames {
  username?: string | null | undefined;
  email?: string | null | undefined;
}

export type IdentifierKeys = Pick<UserRow, 'username_key' | 'email_key'>;

const keyOf = (name: string | null | undefined): string | null =>
  name === null || name === undefined ? null : identifierKey(name);

/** The keys under which they are looked up and kept unique. */
export const keysOf = ({ username, email }: AccountNames): IdentifierKeys => ({
  username_key: keyOf(username),
  email_key: keyOf(email),
});
