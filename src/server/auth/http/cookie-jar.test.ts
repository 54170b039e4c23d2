import cookieParser from 'cookie-parser';
import express, { type Request } from 'express';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { CookieOptions } from '../request.ts';
import { cookieValues, setCookieLine } from './cookie-jar.ts';

const parse = cookieParser();

/** What cookie-parser finds under a name. */
const parsed = (header: string, name: string): unknown => {
  const request: Pick<Request, 'headers'> & { cookies?: Record<string, unknown> } = { headers: { cookie: header } };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it looks at nothing else
  parse(request as Request, {} as never, () => {});
  return request.cookies?.[name];
};

const piece = fc.constantFrom(
  'a',
  'b',
  '__Host-refresh',
  '=',
  ';',
  ' ',
  '\t',
  '"',
  '%41',
  '%',
  '%E0%A4%A',
  '\u00a0',
  'j',
  ',',
  '+',
  '\\',
);
const header = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''));

test('a value is read as cookie-parser reads it', () => {
  fc.assert(
    fc.property(header, fc.constantFrom('a', 'b', 'ab', '__Host-refresh'), (text, name) => {
      expect(cookieValues(text, name)[0]).toBe(parsed(text, name));
    }),
    { numRuns: 2_000 },
  );
});

test('every value of a name is seen, and an object is none', () => {
  expect(cookieValues('a=1; b=2; a=3;a=', 'a')).toEqual(['1', '3', '']);
  expect(cookieValues('a=j:{"b":1}', 'a')).toEqual(['j:{"b":1}']);
  expect(cookieValues('\u00a0a=1', 'a')).toEqual([]);
});

test('one that is longer than any of ours is nothing', () => {
  expect(cookieValues(`a=${'x'.repeat(4097)}; a=y`, 'a')).toEqual(['', 'y']);
});

test('a cookie is written as Express writes it', () => {
  vi.useFakeTimers();
  const written = (name: string, value: string, options: CookieOptions): unknown => {
    const lines: unknown[] = [];
    const res = { req: {}, append: (_name: string, line: string) => lines.push(line) };
    Reflect.apply(express.response.cookie, res, [name, value, options]);
    return lines[0];
  };
  fc.assert(
    fc.property(fc.string(), fc.boolean(), fc.boolean(), fc.nat(40_000_000_000), (value, httpOnly, secure, maxAge) => {
      const options: CookieOptions = { httpOnly, secure, maxAge, path: '/', sameSite: 'strict' };
      expect(setCookieLine('name', value, options)).toBe(written('name', value, options));
    }),
  );
  vi.useRealTimers();
});
