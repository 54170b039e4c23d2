import type { AuthTables } from '../../store/tables.ts';

export type PasswordTables = AuthTables & {
  auth_passwords: PasswordRow;
  auth_replaced_passwords: ReplacedPasswordRow;
};

export interface PasswordRow {
  user_id: string;
  /** PHC string. */
  hash: string;
}

/** One that its owner, or whoever had the session, has replaced. It takes an address back, and signs in to nothing. */
export interface ReplacedPasswordRow {
  user_id: string;
  /** PHC string. */
  hash: string;
  /** Milliseconds since the epoch. */
  replaced_at: number;
}
