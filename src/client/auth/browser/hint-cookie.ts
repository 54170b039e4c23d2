import { hintCookieName } from '../../../shared/auth/cookies.ts';
import type { HintStore } from '../environment.ts';

/** Long enough for a sign-out that waits for its server, and the most that browsers keep a cookie. */
const MAX_AGE_SECONDS = 400 * 86_400;

/**
 * The hint cookie of the server behind the URL, as the page sees it: its name is by the address that the page itself
 * calls, which on a server of its own is the page's. Where the server is on another host of the same site, its cookies
 * are out of the page's reach: the page then has a hint of its own, on its own host. The attributes repeat those of the
 * server, or the browser would keep two cookies (RFC 6265).
 */
export const hintCookie = (
  url: string,
  page: Pick<Document, 'cookie' | 'baseURI'> & { location: Pick<Location, 'hostname'> | null },
): HintStore => {
  const origin = (): URL => new URL(url, page.baseURI);

  const write = (value: string, maxAge = MAX_AGE_SECONDS): void => {
    const at = origin();
    page.cookie = `${hintCookieName(at)}=${value}; Path=/; SameSite=Strict; Max-Age=${maxAge}${at.protocol === 'https:' ? '; Secure' : ''}`;
  };

  return {
    read() {
      const prefix = `${hintCookieName(origin())}=`;
      const pair = page.cookie.split('; ').find((part) => part.startsWith(prefix));
      // An empty value is no value: some browsers show a deleted cookie so for a moment.
      return pair?.slice(prefix.length) || null;
    },
    write,
    remove: () => write('', 0),
    renew() {
      if (origin().hostname !== page.location?.hostname) write(`${Date.now()}`);
    },
  };
};
