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

/** One that its owner, or whoever had the session, has replaced: good for taking an address back, and for nothing else. */
export interface ReplacedPasswordRow {
  user_id: string;
  /** PHC string. */
  hash: string;
  /** Milliseconds since the epoch. */
  replaced_at: number;
}
