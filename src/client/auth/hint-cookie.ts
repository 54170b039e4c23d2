import { hintCookieName } from '../../shared/auth/cookies.ts';
import type { HintStore } from './environment.ts';

/** The part of `document` and `location` that the hint needs. */
export interface CookiePage {
  document: { cookie: string };
  location: { protocol: string };
}

/** Long enough for a sign-out that waits for its server, and the most that browsers keep a cookie. */
const MAX_AGE_SECONDS = 400 * 86_400;

/** The hint cookie of the page. The attributes repeat those of the server, or the browser would keep two cookies (RFC 6265). */
export const hintCookie = (page: () => CookiePage): HintStore => {
  const isSecure = (): boolean => page().location.protocol === 'https:';

  const set = (value: string, maxAge: number): void => {
    const secure = isSecure();
    page().document.cookie = `${hintCookieName(secure)}=${value}; Path=/; SameSite=Strict; Max-Age=${maxAge}${secure ? '; Secure' : ''}`;
  };

  return {
    read() {
      const prefix = `${hintCookieName(isSecure())}=`;
      const pair = page()
        .document.cookie.split('; ')
        .find((part) => part.startsWith(prefix));
      // An empty value is no value: some browsers show a deleted cookie so for a moment.
      return pair?.slice(prefix.length) || null;
    },
    write: (value) => set(value, MAX_AGE_SECONDS),
    remove: () => set('', 0),
  };
};
