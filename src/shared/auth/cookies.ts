export interface CookieNames {
  refresh: string;
  hint: string;
  device: string;
}

/**
 * The names of the stack's cookies. With https they carry the `__Host-` prefix, by which the browser itself refuses a cookie
 * that a sibling domain planted (RFC 6265bis section 4.1.3.2); plain http, for local development, cannot have it.
 */
export const cookieNames = (secure: boolean): CookieNames =>
  secure
    ? { refresh: '__Host-refresh', hint: '__Host-session_hint', device: '__Host-device' }
    : { refresh: 'refresh', hint: 'session_hint', device: 'device' };

/** The hint's value from a sign-out on: while it says so, nothing restores. */
export const HINT_SIGNED_OUT = 'out';

/** The procedures that write cookies. They travel alone: neither streamed nor in a batch with others. */
export const COOKIE_PROCEDURES: readonly string[] = ['auth.register', 'auth.login', 'auth.refresh', 'auth.logout'];

/** The most calls that a batch may hold. */
export const MAX_BATCH_CALLS = 20;
