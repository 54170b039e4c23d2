import { refuse } from '../refusal.ts';
import { createCoreSlot } from '../slot.ts';
import type { AccessTokens, Principal } from '../tokens/access-tokens.ts';
import type { Revocations, TokenStatus } from './revocations.ts';

/** RFC 6750 section 2.1; the scheme's name is not case-sensitive (RFC 9110 section 11.1). */
const BEARER = /^bearer +(\S+)$/i;
const BEARER_SCHEME = /^bearer(?: |$)/i;

export interface GateOptions {
  accessTokens: AccessTokens;
  revocations: Revocations;
}

export type Gate = ReturnType<typeof createGate>;

export const gateSlot = createCoreSlot<Gate>('gate');

/** Lets callers with a valid access token through. Asks no database while the revocation feed is live. */
export const createGate = ({ accessTokens, revocations }: GateOptions) => {
  const refuseUnlessGood = (status: TokenStatus): void => {
    if (status.kind === 'revoked') throw refuse('session_revoked', { cause: status.cause });
    if (status.kind === 'stale') throw refuse('access_token_stale');
  };

  /**
   * The calls of a batch carry one header: it is read once, and its token's hash is known when the next call looks for
   * it.
   */
  let lastRead = { authorization: '', token: '' };

  const tokenIn = (authorization: string): string => {
    if (authorization === lastRead.authorization) return lastRead.token;
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined) throw refuse('access_token_invalid');
    lastRead = { authorization, token };
    return token;
  };

  /**
   * Whose token this is, whatever became of the session since.
   * @param authorization the `Authorization` header.
   * @throws `access_token_missing`, `access_token_invalid`, `access_token_expired`
   */
  const identify = (authorization: string | undefined): Principal => {
    // Credentials of another scheme are somebody else's, such as a staging proxy's.
    if (authorization === undefined || !BEARER_SCHEME.test(authorization)) throw refuse('access_token_missing');
    return accessTokens.verify(tokenIn(authorization));
  };

  return {
    identify,
    /**
     * Who is calling: at once while the revocation feed is live, for a promise is what each call of a batch would pay
     * most for.
     * @param authorization the `Authorization` header.
     * @throws `access_token_missing`, `access_token_invalid`, `access_token_expired`, `access_token_stale`,
     * `session_revoked`
     */
    authenticate: (authorization: string | undefined): Principal | Promise<Principal> => {
      const principal = identify(authorization);
      const status = revocations.statusOf(principal);
      if (status instanceof Promise) {
        return status.then((answer) => {
          refuseUnlessGood(answer);
          return principal;
        });
      }
      refuseUnlessGood(status);
      return principal;
    },
    /** @throws `session_revoked`, `access_token_stale` */
    checkStatus: async (principal: Principal): Promise<void> => refuseUnlessGood(await revocations.statusOf(principal)),
  };
};
