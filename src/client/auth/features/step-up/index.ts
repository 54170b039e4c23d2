/**
 * Proves anew who somebody is who is signed in, for calls that ask for it: what a handler of `auth.onReauthenticate`
 * needs.
 *
 * @packageDocumentation
 */
import type { AuthClient } from '../../auth-client.ts';
import { listen } from '../../internal/listen.ts';
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
export const reauthenticate = async (
  auth: Pick<AuthClient, 'link' | 'getState'>,
  input: ReauthenticateInput,
): Promise<void> => {
  await mutate(auth, 'auth.reauthenticate', input);
  const channel = proofsOf(auth);
  channel?.postMessage(null);
  channel?.close();
};

/**
 * Resolves when the user has proven who they are in another tab of this browser, and this one has a token that says so:
 * calls that wait for it may go on. Never rejects, and stays pending where there is no `BroadcastChannel`.
 *
 * @param signal ends the wait, without a word
 * @example
 * auth.onReauthenticate(({ signal }) => Promise.race([provenElsewhere(auth, { signal }), askForPassword({ signal })]));
 */
export const provenElsewhere = (
  auth: Pick<AuthClient, 'link' | 'getState'>,
  { signal }: { signal: AbortSignal },
): Promise<void> =>
  new Promise((resolve) => {
    const channel = signal.aborted ? undefined : proofsOf(auth);
    if (channel === undefined) return;
    listen([signal], ['abort'], () => channel.close());
    // What is said is not trusted: the proof is in the token that the server hands out, or it is not.
    listen([channel], ['message'], () => void mutate(auth, 'auth.refresh', undefined).then(resolve, () => undefined));
  });

/**
 * Where the tabs of a user tell each other of proofs. They are others' from user to user, and in Node.js an open one
 * keeps the process alive.
 */
const proofsOf = ({ getState }: Pick<AuthClient, 'getState'>): BroadcastChannel | undefined =>
  typeof document === 'undefined' || typeof BroadcastChannel === 'undefined'
    ? undefined
    : new BroadcastChannel(`latchkey-proofs-${getState().user?.id}`);
