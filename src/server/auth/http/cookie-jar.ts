import cookieParser from 'cookie-parser';
import type { Request, Response } from 'express';
import type { CookieJar } from '../request.ts';
import { MAX_TOKEN_LENGTH } from '../tokens/jwt.ts';

const parse = cookieParser();

const OTHER_WHITE_SPACE = /[^\S \t]/;

/**
 * Whether a pair of the header is one that cookie-parser knows by this name: it takes off spaces and tabs, and nothing
 * else. A sibling domain may plant a name that begins with a no-break space, which no prefix protects, and it must not
 * count as a second one.
 */
const isNamed = (pair: string, name: string): boolean => {
  const end = pair.indexOf('=');
  const found = pair.slice(0, Math.max(0, end));
  return !OTHER_WHITE_SPACE.test(found) && found.trim() === name;
};

/** How often a cookie's name stands in the request's header. */
const countOf = (req: Request, name: string): number =>
  (req.headers.cookie ?? '').split(';').filter((pair) => isNamed(pair, name)).length;

/** The cookies of a request and of its answer. They are parsed when one is asked for: most calls ask for none. */
export const createCookieJar = (req: Request, res: Response): CookieJar => ({
  values: (name) => {
    parse(req, res, () => {});
    // cookie-parser keeps the first of several, and turns `j:{…}` into an object: both are looked at before a value is
    // taken.
    const value: unknown = req.cookies[name];
    if (value === undefined) return [];
    const text = typeof value === 'string' && value.length <= MAX_TOKEN_LENGTH ? value : '';
    return Array.from({ length: countOf(req, name) }, () => text);
  },
  set: (name, value, options) => {
    res.cookie(name, value, options);
  },
});
