import express from 'express';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { CookieOptions } from '../request.ts';
import { readCookies, setCookieLine } from './cookie-jar.ts';

test('every value of a name is seen, and an object is none', () => {
  expect(readCookies('a=1; b=2; a=3;a=')('a')).toHaveLength(3);
  expect(readCookies('a=1; b=%41')('b')).toEqual(['A']);
  expect(readCookies('a=j:{"b":1}')('a')).toEqual(['']);
  expect(readCookies('\u00a0a=1')('a')).toEqual([]);
});

test('several names of one header are each read by themselves, one that is not there too', () => {
  const read = readCookies('a=1; b=2; b=3');
  expect(['b', 'a', 'c', 'b'].map(read)).toEqual([['2', '2'], ['1'], [], ['2', '2']]);
});

test('one that is longer than any of ours is nothing', () => {
  expect(readCookies(`a=${'x'.repeat(4097)}`)('a')).toEqual(['']);
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
});
