import type { SignInProof } from '../../../shared/auth/proofs.ts';
import type { AuthDatabase } from '../store/tables.ts';
import type { StoredUser } from './stored-user.ts';

/** Somebody who has just proved who they are, and may have a session if that still holds when it starts. */
export interface Claim {
  user: StoredUser;
  /** By what, when, and what the account's `ver` was then: a session starts only where that still holds. */
  proof: SignInProof & { ver: number };
  /** The devices that the account knew before, as it keeps them. None where it is only being made. */
  devices?: string;
  /** What there is to tell when the session has started. */
  event: 'login.succeeded' | 'account.registered';
  /**
   * In the transaction that starts the session: makes the account, or makes sure that it is still as it was found. The
   * device is known from then on.
   * @throws a refusal when the claim holds no longer.
   */
  settle(transaction: AuthDatabase, deviceHash: string): Promise<StoredUser>;
}
