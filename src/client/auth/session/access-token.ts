import type { SessionGrant } from '../../../shared/auth/index.ts';

/** The access token, in its grant, with what is known of its life. Kept in the engine's closure and nowhere else. */
export interface AccessToken {
  grant: SessionGrant;
  /** Counts the tokens of this page: names a token without being one. */
  generation: number;
  /** By this page's clock. */
  expiresAt: number;
  renewAt: number;
}

/**
 * Times run from when the request was sent, by our own clock: the token was made later, so we never think it younger
 * than it is, whatever the server's clock says. It is renewed at 72 to 80 % of its life, so that tabs do not renew as
 * one.
 */
export const accessTokenOf = (
  grant: SessionGrant,
  generation: number,
  sentAt: number,
  random: () => number,
): AccessToken => {
  const lifetimeMs = grant.expiresIn * 1_000;
  return {
    grant,
    generation,
    expiresAt: sentAt + lifetimeMs,
    renewAt: sentAt + lifetimeMs * (0.8 - 0.08 * random()),
  };
};
