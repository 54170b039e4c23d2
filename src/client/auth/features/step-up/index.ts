/**
 * Proves anew who somebody is who is signed in, for calls that ask for it: what a handler of `auth.onReauthenticate`
 * needs.
 *
 * @packageDocumentation
 */
import type { AuthClient } from '../../auth-client.ts';
import { mutate } from '../../internal/mutate.ts';

/** What somebody proves who they are by. */
export interface ReauthenticateInput {
  password: string;
}

/**
 * Proves by the password who is signed in here. The token that comes of it is the session's from then on, in the other
 * tabs too, which ask nobody again. Several proofs add up.
 *
 * @throws TRPCClientError with the server's refusal: `reasonOf` says `invalid_credentials` for a wrong password, and
 * `rate_limited` after too many. It never ends the session. `isOffline` where there was no answer, `isIdentityChanged`
 * if the user left meanwhile.
 * @example
 * auth.onReauthenticate(async ({ signal }) => {
 *   await reauthenticate(auth, { password: await askForPassword({ signal }) });
 * });
 */
export const reauthenticate = (auth: Pick<AuthClient, 'link'>, input: ReauthenticateInput): Promise<void> =>
  mutate(auth, 'auth.reauthenticate', input);
