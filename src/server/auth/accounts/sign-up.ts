import type { User } from '../../../shared/auth/index.ts';
import type { AuthDatabase } from '../store/tables.ts';

export interface SignUp {
  /** The account that is being made. */
  user: User;
  /**
   * The transaction that makes it, as Kysely has it: `transaction.withTables<AppTables>()`. The only handle that the
   * hook may use on the same store: any other waits for this one to end, which waits for the hook.
   */
  transaction: AuthDatabase;
}

/** Called, and awaited, whenever somebody makes an account. If it throws, there is no account. */
export type OnSignUp = (signUp: SignUp) => Promise<void> | void;
