import cookieParser from 'cookie-parser';
import type { CookieJar, CookieOptions } from '../request.ts';
import { MAX_TOKEN_LENGTH } from '../tokens/jwt.ts';
import type { Host } from './host.ts';

const parse = cookieParser();

/** A middleware of Express that reads one header of a request, and so of any host's. */
const parsed = (header: string): Record<string, unknown> => {
  const request: { headers: object; cookies?: Record<string, unknown> } = { headers: { cookie: header } };
  Reflect.apply(parse, undefined, [request, undefined, () => {}]);
  return request.cookies ?? {};
};

const OTHER_WHITE_SPACE = /[^\S \t]/;

/**
 * Whether a pair of the header is one that cookie-parser knows by this name: it takes off spaces and tabs, and nothing
 * else. A sibling domain may plant a name that begins with a no-break space, which no prefix protects, and it must not
 * count as a second one.
 */
const isNamed = (pair: string, name: string): boolean => {
  const found = pair.slice(0, Math.max(0, pair.indexOf('=')));
  return found.trim() === name && !OTHER_WHITE_SPACE.test(found);
};

/**
 * Reads a `Cookie` header once, however many names are asked for. Of a name it gives a value for each time that the
 * header holds it: that of the first, which cookie-parser keeps. One that it turned into an object (`j:{…}`), or that
 * is longer than any of ours, is empty.
 */
export const readCookies = (header: string): ((name: string) => string[]) => {
  const pairs = header.split(';');
  let cookies: Record<string, unknown> | undefined;
  return (name) => {
    const count = pairs.filter((pair) => isNamed(pair, name)).length;
    if (count === 0) return [];
    cookies ??= parsed(header);
    const value = cookies[name];
    const text = typeof value === 'string' && value.length <= MAX_TOKEN_LENGTH ? value : '';
    return Array.from({ length: count }, () => text);
  };
};

/** A line of `Set-Cookie` (RFC 6265 section 4.1.1), as Express's `res.cookie` writes it. */
export const setCookieLine = (name: string, value: string, options: CookieOptions): string => {
  const { maxAge, path, httpOnly, secure } = options;
  // For browsers so old that they know no Max-Age.
  const expires = new Date(Date.now() + maxAge).toUTCString();
  const lifetime = `Max-Age=${Math.floor(maxAge / 1000)}; Path=${path}; Expires=${expires}`;
  const flags = `${httpOnly ? 'HttpOnly; ' : ''}${secure ? 'Secure; ' : ''}SameSite=Strict`;
  return `${name}=${encodeURIComponent(value)}; ${lifetime}; ${flags}`;
};

/** The cookies of a request and of its answer. They are looked for when one is asked for: most calls ask for none. */
export const createCookieJar = <TExchange>(host: Host<TExchange>, exchange: TExchange): CookieJar => {
  let read: ReturnType<typeof readCookies> | undefined;
  return {
    values: (name) => {
      read ??= readCookies(host.header(exchange, 'cookie') ?? '');
      return read(name);
    },
    set: (name, value, options) => host.appendHeader(exchange, 'set-cookie', setCookieLine(name, value, options)),
  };
};
