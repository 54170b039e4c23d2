import type { RequestHandler } from 'express';

/**
 * Scheme and authority of a target as one sends it to a proxy (RFC 9112 section 3.2.2). The authority may hold a
 * password (RFC 3986 section 3.2.1).
 */
const SCHEME_AND_AUTHORITY = /^https?:\/\/[^/?]+/i;

/** What names no resource here: `OPTIONS *`, another scheme, an authority that is none. */
const UNREADABLE = '*';

/**
 * The path and query of a request target, without the fragment that it must not have: Express finds no path at all in
 * `//a@?#`. Every server has to understand the absolute form; whose host it names is as little believed as the `Host`
 * header. Before Express, which answers a target that it cannot read with a page of its own, past every middleware.
 */
export const originForm = (target: string): string => {
  const [url = ''] = target.split('#', 1);
  if (url.startsWith('/')) return url;
  const authority = SCHEME_AND_AUTHORITY.exec(url)?.[0];
  if (authority === undefined) return UNREADABLE;
  const rest = url.slice(authority.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
};

/**
 * Refuses what names no resource, and an HTTP/1.1 request without a host (RFC 9112 section 3.2): Node.js would answer
 * that one in its own form.
 */
export const readableTarget = (): RequestHandler => (req, _res, next) => {
  const lacksHost = req.headers.host === undefined && req.httpVersion === '1.1';
  if (req.url.startsWith('/') && !lacksHost) next();
  else next(Object.assign(new Error('The request target cannot be read.'), { status: 400 }));
};
