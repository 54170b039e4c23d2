import { type CookieOrigin, cookieNames } from '../../../shared/auth/cookies.ts';
import { MINUTE } from '../clock.ts';
import type { CookieJar } from '../request.ts';
import { createCoreSlot } from '../slot.ts';
import { createRandomName } from '../tokens/secrets.ts';

/** How long a browser has to finish what it has begun. */
const BROWSER_FLOW_MS = 10 * MINUTE;

const BROWSER_NAME = /^[A-Za-z0-9_-]{43}$/;

/** The cookie that names a browser for as long as it has something to finish. It is in no body. */
export interface FlowCookie {
  /** What the browser is named by, if it is. */
  read(jar: Pick<CookieJar, 'values'>): string | undefined;
  /** Names the browser, or renews the life of its name. Its value stays: other flows of it go on. */
  write(jar: CookieJar): string;
}

export const flowCookieSlot = createCoreSlot<FlowCookie>('flow-cookie');

export const createFlowCookie = (origin: CookieOrigin): FlowCookie => {
  const name = cookieNames(origin).flow;
  const secure = origin.protocol === 'https:';

  const read = (jar: Pick<CookieJar, 'values'>): string | undefined => {
    const [value, ...others] = jar.values(name);
    return value !== undefined && others.length === 0 && BROWSER_NAME.test(value) ? value : undefined;
  };

  return {
    read,
    write: (jar) => {
      const value = read(jar) ?? createRandomName();
      jar.set(name, value, { httpOnly: true, secure, sameSite: 'strict', path: '/', maxAge: BROWSER_FLOW_MS });
      return value;
    },
  };
};
