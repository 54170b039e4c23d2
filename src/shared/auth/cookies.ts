export interface CookieNames {
  refresh: string;
  hint: string;
  device: string;
  flow: string;
  /** Belongs to a recent proof; see `freshProcedure`. */
  fresh: string;
}

/** Where the app is reached: a `URL`, or a page's `location`. */
export type CookieOrigin = Pick<URL, 'protocol' | 'port'>;

/**
 * With https the names of the stack's cookies carry the `__Host-` prefix, by which the browser itself refuses a cookie
 * that a sibling domain planted (RFC 6265bis section 4.1.3.2). Plain http, for local development, cannot have it. There
 * they carry the port: browsers share the cookies of all ports of a host (RFC 6265 section 8.5), and two apps would end
 * each other's sessions.
 */
const named = (name: string, { protocol, port }: CookieOrigin): string =>
  (protocol === 'https:' ? '__Host-' : `latchkey_${port || 80}_`) + name;

/** The only one that script may read. */
export const hintCookieName = (origin: CookieOrigin): string => named('session_hint', origin);

export const cookieNames = (origin: CookieOrigin): CookieNames => ({
  refresh: named('refresh', origin),
  hint: hintCookieName(origin),
  device: named('device', origin),
  flow: named('flow', origin),
  fresh: named('fresh', origin),
});

/** The hint's value from a sign-out on: while it says so, nothing restores. */
export const HINT_SIGNED_OUT = 'out';

/** The most calls that a batch may hold. */
export const MAX_BATCH_CALLS = 20;
