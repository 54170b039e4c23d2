import { createHash } from 'node:crypto';
import { type CookieNames, type CookieOrigin, cookieNames } from '../../../shared/auth/cookies.ts';
import { FRESH_TTL_MS } from '../../../shared/auth/proofs.ts';
import { DAY, SECOND } from '../clock.ts';
import type { CookieJar } from '../request.ts';
import { createCoreSlot } from '../slot.ts';

/** What a signed-in answer writes. */
export interface SessionCookieValues {
  refreshToken: string;
  sid: string;
  /** When the session ends, in milliseconds since the epoch. */
  endsAt: number;
  /** The cookie `fresh`, where a proof has just been given. */
  fresh?: string;
}

export type RefreshCookie = { kind: 'missing' } | { kind: 'ambiguous' } | { kind: 'present'; token: string };

const DEVICE_COOKIE_MS = 400 * DAY;
const DEVICE_ID = /^[A-Za-z0-9_-]{43}$/;

/** Changes with the session and tells nothing about it. */
const hintOf = (sid: string): string => createHash('sha256').update(sid).digest('base64url').slice(0, 12);

const hasOnly = (jar: CookieJar, name: string, value: string): boolean => {
  const [first, ...others] = jar.values(name);
  return first === value && others.length === 0;
};

export type SessionCookies = ReturnType<typeof createSessionCookies>;

export const sessionCookiesSlot = createCoreSlot<SessionCookies>('session-cookies');

/**
 * Reads and writes the stack's cookies. They are set by success and cleared by logout, or with the account, alone: a
 * deletion that arrives late would log out the winner of a race, while a dead cookie harms nobody.
 */
export const createSessionCookies = ({ origin, now }: { origin: CookieOrigin; now: () => number }) => {
  const names: CookieNames = cookieNames(origin);
  const attributes = { secure: origin.protocol === 'https:', sameSite: 'strict', path: '/' } as const;

  return {
    readRefresh: (jar: Pick<CookieJar, 'values'>): RefreshCookie => {
      const [token, ...others] = jar.values(names.refresh);
      if (token === undefined) return { kind: 'missing' };
      return others.length > 0 ? { kind: 'ambiguous' } : { kind: 'present', token };
    },

    /** The browser's device id, if it has one. */
    readDevice: (jar: CookieJar): string | undefined => {
      const [id, ...others] = jar.values(names.device);
      return id !== undefined && others.length === 0 && DEVICE_ID.test(id) ? id : undefined;
    },

    /**
     * Writes both cookies, unless the browser has just sent the very same. Such an answer could arrive after one that
     * brings what comes next, and take that away again: a few honest sessions in a million would end by it.
     */
    writeSession: (jar: CookieJar, { refreshToken, sid, endsAt, fresh }: SessionCookieValues): void => {
      const hint = hintOf(sid);
      if (hasOnly(jar, names.refresh, refreshToken) && hasOnly(jar, names.hint, hint)) return;
      // Rounded up, for the row decides; at least a second, since 0 would delete.
      const maxAge = Math.max(1, Math.ceil((endsAt - now()) / SECOND)) * SECOND;
      jar.set(names.refresh, refreshToken, { ...attributes, httpOnly: true, maxAge });
      jar.set(names.hint, hint, { ...attributes, httpOnly: false, maxAge });
      if (fresh !== undefined) jar.set(names.fresh, fresh, { ...attributes, httpOnly: true, maxAge: FRESH_TTL_MS });
    },

    writeDevice: (jar: CookieJar, id: string): void => {
      jar.set(names.device, id, { ...attributes, httpOnly: true, maxAge: DEVICE_COOKIE_MS });
    },

    clearSession: (jar: CookieJar): void => {
      jar.set(names.refresh, '', { ...attributes, httpOnly: true, maxAge: 0 });
      jar.set(names.hint, '', { ...attributes, httpOnly: false, maxAge: 0 });
      jar.set(names.fresh, '', { ...attributes, httpOnly: true, maxAge: 0 });
    },
  };
};
