import type { TestJar } from '#client/auth/testing/server.ts';
import type { TokenVault } from './tokens.ts';

/** All that the server writes. */
export interface SimulatedCookies extends TestJar {
  fresh: string | null;
}

/** The cookies of one browser, and whose session they have been of. */
export interface Jar {
  cookies: SimulatedCookies;
  /** The session that the refresh cookie names. */
  sid: () => string | null;
  /** Counts the changes from one session to another, or to none. */
  version: () => number;
  set: (cookies: Partial<SimulatedCookies>) => void;
  /** Every session that the jar has held. */
  held: ReadonlySet<string>;
}

export const createJar = (tokens: TokenVault): Jar => {
  const cookies: SimulatedCookies = { refresh: null, hint: null, fresh: null };
  const held = new Set<string>();
  let version = 0;
  const sid = (): string | null => tokens.read(cookies.refresh)?.sid ?? null;

  return {
    cookies,
    sid,
    version: () => version,
    held,
    set(written) {
      const before = sid();
      Object.assign(cookies, written);
      const after = sid();
      if (after !== before) version += 1;
      if (after !== null) held.add(after);
    },
  };
};
