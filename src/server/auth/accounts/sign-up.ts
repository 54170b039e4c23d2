import type { User } from '../../../shared/auth/index.ts';
import type { AuthDatabase } from '../store/tables.ts';

export interface SignUp {
  /** The account that is being made, or deleted. */
  user: User;
  /**
   * The transaction that does it, as Kysely has it: `transaction.withTables<AppTables>()`. The only handle that the
   * hook may use on the same store: any other waits for this one to end, which waits for the hook.
   */
  transaction: AuthDatabase;
}

/** Called, and awaited, whenever somebody deletes their account. If it throws, nothing of it has happened. */
export type OnDelete = (deletion: SignUp) => Promise<void> | void;

/** Called, and awaited, whenever somebody makes an account. If it throws, there is no account. */
export type OnSignUp = (signUp: SignUp) => Promise<void> | void;
