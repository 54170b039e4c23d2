import type { CookieJar, CookieOptions } from '../request.ts';
import { MAX_TOKEN_LENGTH } from '../tokens/jwt.ts';
import type { Host } from './host.ts';

const isBlank = (text: string, at: number): boolean => text[at] === ' ' || text[at] === '\t';

/**
 * Takes off spaces and tabs, and nothing else. A sibling domain may plant a name that begins with a no-break space,
 * which no prefix protects, and it must not count as a second one.
 */
const withoutBlanks = (text: string): string => {
  let start = 0;
  let end = text.length;
  while (isBlank(text, start)) start += 1;
  while (end > start && isBlank(text, end - 1)) end -= 1;
  return text.slice(start, end);
};

const decode = (text: string): string => {
  const value = text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
};

/**
 * Every value that a `Cookie` header holds under a name, each as cookie-parser reads the first of them; but `j:{…}`
 * stays text, and what is longer than any value of ours is nothing.
 */
export const cookieValues = (header: string, name: string): string[] =>
  header.split(';').flatMap((pair) => {
    const end = pair.indexOf('=');
    if (end < 0 || withoutBlanks(pair.slice(0, end)) !== name) return [];
    const value = decode(withoutBlanks(pair.slice(end + 1)));
    return [value.length > MAX_TOKEN_LENGTH ? '' : value];
  });

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
export const createCookieJar = <TExchange>(host: Host<TExchange>, exchange: TExchange): CookieJar => ({
  values: (name) => cookieValues(host.header(exchange, 'cookie') ?? '', name),
  set: (name, value, options) => host.appendHeader(exchange, 'set-cookie', setCookieLine(name, value, options)),
});
