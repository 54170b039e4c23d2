import fc from 'fast-check';
import type { HttpRequest } from './http.ts';
import { LISTED_ORIGIN, OWN_ORIGIN, REFRESH } from './target.ts';

/** As it arrives: a lone surrogate cannot be sent. */
const wellFormed = (text: string): string => Buffer.from(text).toString();

const PROCEDURES = [
  'auth.register',
  'auth.login',
  'auth.refresh',
  'auth.logout',
  'auth.claims',
  'user.me',
  'sessions.list',
  'sessions.revoke',
  'sessions.revokeOthers',
  'notes.list',
  'notes.create',
  'notes.delete',
  'notes.onChange',
];
const ODD_NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'then',
  'auth',
  'auth._def',
  '',
  '.',
  '..',
  '%00',
  '%',
  '%E0%A4%A',
  'auth%2Erefresh',
  'AUTH.REFRESH',
  'a'.repeat(300),
];
const ODD_TEXTS = [
  '',
  ' ',
  '\0',
  '\ud800',
  '__proto__',
  'ﷺ'.repeat(50),
  'x'.repeat(5000),
  '../..',
  "' or 1=1 --",
  '<svg>',
  'ada',
  'ada@mail.example',
];

const name = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...PROCEDURES) },
  { weight: 2, arbitrary: fc.constantFrom(...ODD_NAMES) },
  fc.webPath(),
);
const path = fc.oneof(
  { weight: 6, arbitrary: name },
  { weight: 3, arbitrary: fc.array(name, { maxLength: 24 }).map((names) => names.join(',')) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 3000 }).map((count) => ','.repeat(count)) },
);
const prefix = fc.oneof(
  { weight: 20, arbitrary: fc.constant('/api/trpc/') },
  fc.constantFrom(
    '/api/trpc',
    '/api/trpc//',
    '//api/trpc/',
    '/API/trpc/',
    '/api/',
    '/',
    '/api/trpc/x/',
    'http://evil.example/api/trpc/',
    'http://u:p@x/api/trpc/',
    '/healthz/',
    '*',
  ),
);

const text = fc.oneof(fc.constantFrom(...ODD_TEXTS), fc.string({ unit: 'binary', maxLength: 40 }));
const json = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.record(
    { username: text, password: text, email: text, id: text, text, cursor: text, limit: fc.integer() },
    { requiredKeys: [] },
  ),
  fc.record({ username: text, password: text }),
  fc.record({
    username: fc.stringMatching(/^[a-z]{3,8}$/),
    email: fc.emailAddress(),
    password: fc.string({ minLength: 8, maxLength: 20 }),
  }),
);
const deep = fc.integer({ min: 1, max: 9000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth));
const batchInput = fc.dictionary(fc.constantFrom('0', '1', '2', '-1', 'x', '__proto__'), json, { maxKeys: 4 });
const input = fc.oneof(
  fc.oneof(json, batchInput).map((value) => JSON.stringify(value)),
  text,
  deep,
);
const body = fc.oneof(
  { weight: 6, arbitrary: input },
  { weight: 1, arbitrary: fc.integer({ min: 90_000, max: 110_000 }).map((length) => `"${'x'.repeat(length)}"`) },
  { weight: 3, arbitrary: fc.constant(undefined) },
);

const query = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '?batch=1',
      '?batch=1#',
      '?batch=0',
      '?batch=1&batch=2',
      '?ba%74ch=1',
      '#?batch=1',
      '?connectionParams=',
      '?connectionParams={}',
      '?lastEventId=x',
    ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('?input=', '?batch=1&input=', '?connectionParams=', '?lastEventId='), input)
      .map(([start, value]) => start + encodeURIComponent(wellFormed(value)).slice(0, 6000)),
  },
  fc.webQueryParameters().map((parameters) => `?${parameters}`),
);

const latin1 = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((code) => code !== 0x7f)
    .map((code) => String.fromCodePoint(code)),
  maxLength: 60,
});
const oneOf = (...values: string[]) =>
  fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...values) }, { weight: 1, arbitrary: latin1 });

export interface Credentials {
  /** For the `Authorization` header. */
  token: fc.Arbitrary<string>;
  /** For the refresh cookie. */
  cookie: fc.Arbitrary<string>;
}

const headers = ({ token, cookie }: Credentials) =>
  fc.record(
    {
      'x-latchkey': oneOf('1', '1', '1', '2'),
      'content-type': oneOf(
        'application/json',
        'application/json',
        'application/json',
        'text/plain',
        'multipart/form-data; boundary=x',
        'application/octet-stream',
        'application/json; charset=utf-7',
      ),
      origin: oneOf(OWN_ORIGIN, OWN_ORIGIN, LISTED_ORIGIN, 'null', 'https://evil.example'),
      'sec-fetch-site': oneOf('same-origin', 'same-origin', 'same-site', 'cross-site', 'none'),
      accept: oneOf('*/*', 'application/jsonl', 'text/html', 'text/event-stream'),
      'trpc-accept': oneOf('application/jsonl'),
      'accept-encoding': oneOf('gzip', 'br', '*'),
      'content-encoding': oneOf('identity', 'gzip', 'br'),
      'last-event-id': oneOf('1', '-1', '99999999999999999999'),
      'x-forwarded-for': oneOf('192.0.2.1', '::1', 'unknown', '1.2.3.4, 5.6.7.8'),
      'x-request-id': latin1,
      'user-agent': latin1,
      'if-none-match': oneOf('*', '"x"'),
      range: oneOf('bytes=0-1', 'bytes=9-1'),
      host: oneOf('app.example.com', 'u:p@x', '[', 'evil.example'),
      expect: oneOf('100-continue'),
      authorization: fc.oneof(
        token.map((value) => `Bearer ${value}`),
        token,
        latin1,
      ),
      cookie: fc.oneof(
        cookie.map((value) => `${REFRESH}=${value}`),
        fc.tuple(cookie, cookie).map((values) => values.map((value) => `${REFRESH}=${value}`).join('; ')),
        latin1,
      ),
    },
    { requiredKeys: [] },
  );

const method = fc.oneof(
  { weight: 5, arbitrary: fc.constant('POST') },
  { weight: 4, arbitrary: fc.constant('GET') },
  { weight: 1, arbitrary: fc.constantFrom('OPTIONS', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'QUERY') },
);

/** Any request that has the look of one of ours, mutated in its path, query, headers and body at once. */
export const arbitraryRequest = (credentials: Credentials): fc.Arbitrary<HttpRequest> =>
  fc
    .record({ method, prefix, path, query, headers: headers(credentials), isGuarded: fc.boolean(), body })
    .map(({ method, prefix, path, query, headers, isGuarded, body }) => ({
      method,
      target: `${prefix}${path}${query}`,
      // Half of them with what the guard asks for, so that they reach what is behind it.
      headers: isGuarded
        ? {
            ...headers,
            'x-latchkey': '1',
            'content-type': 'application/json',
            origin: undefined,
            'sec-fetch-site': undefined,
            'content-encoding': undefined,
          }
        : headers,
      ...(body !== undefined && method !== 'GET' && method !== 'HEAD' && { body: wellFormed(body) }),
    }));
