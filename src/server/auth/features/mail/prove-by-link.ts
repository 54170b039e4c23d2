import type { AccountPasswords } from '../../accounts/credentials.ts';
import type { AuthCore } from '../../feature.ts';
import type { Flow } from '../../flows/flow.ts';
import type { AuthRequest } from '../../request.ts';
import { refuseField } from '../../trpc/refuse-field.ts';

interface LinkProof {
  /** What the password is compared with, in turn; null where there is none, which takes as long. */
  hashes: readonly (string | null)[];
  password: string | undefined;
  /** What to tell where none was given. */
  missing: string;
}

/** @returns the hash that the password is of, beside what there is to be done with it. */
export type ProveByLink = (
  request: AuthRequest,
  flow: Flow,
  proof: LinkProof,
) => Promise<{ passwords: AccountPasswords; hash: string | null }>;

/**
 * Judges the password that a mailed link is not enough without. A wrong one is one of the link's tries; none at all, or
 * one that nobody looked at, is not.
 * @throws `invalid_credentials`, `unavailable`, BAD_REQUEST for the field where none was given
 */
export const createProveByLink =
  ({ credentials, flows }: Pick<AuthCore, 'credentials' | 'flows'>): ProveByLink =>
  async (request, flow, { hashes, password, missing }) => {
    const passwords = credentials.passwords();
    if (password === undefined || passwords === undefined) {
      await flows.refund(flow);
      throw refuseField('password', missing);
    }
    for (const [compared, hash] of hashes.entries()) {
      // Whoever leaves once one has been compared has had a try, and is judged by all.
      const hasLeft = () => compared === 0 && request.isDisconnected();
      const isRight = await passwords.verify(hash, password, hasLeft).catch(async (error: unknown) => {
        // Too many wait, or the caller has left: a storm of logins uses no link up.
        if (compared === 0) await flows.refund(flow);
        throw error;
      });
      if (isRight) return { passwords, hash };
    }
    throw await passwords.refuseTry(request, flow.userId ?? undefined);
  };
