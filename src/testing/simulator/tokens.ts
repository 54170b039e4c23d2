import type { Clock } from '#server/auth/clock.ts';
import { refuse } from '#server/auth/refusal.ts';
import type { AccessTokens, Principal } from '#server/auth/tokens/access-tokens.ts';
import type { RefreshToken, RefreshTokens } from '#server/auth/tokens/refresh-tokens.ts';
import { ACCESS_TOKEN_TTL } from './rules.ts';

/**
 * Names that stand for tokens. Signatures are proven elsewhere and cost most of a step; what is in a token, and when it
 * ends, is the same.
 */
export const createTokenVault = () => {
  const accessTokens = new Map<string, Principal>();
  const refreshTokens = new Map<string, RefreshToken>();
  let made = 0;

  return {
    /** What an access token says, whether it still counts or not. */
    principalOf: (token: string): Principal | undefined => accessTokens.get(token),
    /** What a refresh token says, whether it still counts or not. */
    read: (token: string | null): RefreshToken | undefined => (token === null ? undefined : refreshTokens.get(token)),

    /** Keys are changed: access tokens that are about count no more. */
    outdate(): void {
      accessTokens.clear();
    },

    accessTokensAt: (clock: Clock): AccessTokens => ({
      issue(principal, endsAt) {
        const expiresAt = Math.min(clock.now() + ACCESS_TOKEN_TTL, endsAt);
        made += 1;
        const accessToken = `access-${made}`;
        accessTokens.set(accessToken, { ...principal, expiresAt });
        return { accessToken, expiresIn: Math.max(1, Math.floor((expiresAt - clock.now()) / 1_000)) };
      },
      verify(token) {
        const principal = accessTokens.get(token);
        if (principal === undefined) throw refuse('access_token_invalid');
        if (clock.now() >= principal.expiresAt) throw refuse('access_token_expired');
        return principal;
      },
    }),

    refreshTokens: {
      issue(token) {
        const name = `refresh-${refreshTokens.size + 1}`;
        // Long ago: the statement of the usual rotation is tried for each of them.
        refreshTokens.set(name, { ...token, signedAt: 0 });
        return name;
      },
      read: (name) => refreshTokens.get(name),
    } satisfies RefreshTokens,
  };
};

export type TokenVault = ReturnType<typeof createTokenVault>;
