import type { AuthTables } from '../../store/tables.ts';

export type PasswordTables = AuthTables & { auth_passwords: PasswordRow };

export interface PasswordRow {
  user_id: string;
  /** PHC string. */
  hash: string;
}
