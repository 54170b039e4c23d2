export interface CookieNames {
  refresh: string;
  hint: string;
  device: string;
}

/**
 * With https the names of the stack's cookies carry the `__Host-` prefix, by which the browser itself refuses a cookie that a
 * sibling domain planted (RFC 6265bis section 4.1.3.2); plain http, for local development, cannot have it.
 */
const named = (name: string, secure: boolean): string => (secure ? `__Host-${name}` : name);

/** The only one that script may read. */
export const hintCookieName = (secure: boolean): string => named('session_hint', secure);

export const cookieNames = (secure: boolean): CookieNames => ({
  refresh: named('refresh', secure),
  hint: hintCookieName(secure),
  device: named('device', secure),
});

/** The hint's value from a sign-out on: while it says so, nothing restores. */
export const HINT_SIGNED_OUT = 'out';

/** The procedures that write cookies. They travel alone: neither streamed nor in a batch with others. */
export const COOKIE_PROCEDURES: readonly string[] = ['auth.register', 'auth.login', 'auth.refresh', 'auth.logout'];

/** The most calls that a batch may hold. */
export const MAX_BATCH_CALLS = 20;
