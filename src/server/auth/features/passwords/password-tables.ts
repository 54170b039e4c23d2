import type { AuthTables } from '../../tables.ts';

export type PasswordTables = AuthTables & { auth_passwords: PasswordRow };

export interface PasswordRow {
  user_id: string;
  /** PHC string. */
  hash: string;
}
