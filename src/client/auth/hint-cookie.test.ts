import { expect, test } from 'vitest';
import { hintCookie } from './hint-cookie.ts';

const pageWith = (cookie: string, protocol = 'https:') => {
  const written: string[] = [];
  const page = {
    document: {
      get cookie() {
        return cookie;
      },
      set cookie(value: string) {
        written.push(value);
      },
    },
    location: { protocol },
  };
  return { hint: hintCookie(() => page), written };
};

test('the hint is read by its whole name', () => {
  expect(pageWith('a=1; __Host-session_hint=abc_-123; b=2').hint.read()).toBe('abc_-123');
  expect(pageWith('session_hint=abc', 'http:').hint.read()).toBe('abc');
  expect(pageWith('x__Host-session_hint=abc; session_hint=def').hint.read()).toBeNull();
  expect(pageWith('__Host-session_hint=').hint.read()).toBeNull();
  expect(pageWith('').hint.read()).toBeNull();
});

test('the hint is written and removed with the attributes that the server gives it', () => {
  const secure = pageWith('');
  secure.hint.write('out');
  secure.hint.remove();
  expect(secure.written).toEqual([
    '__Host-session_hint=out; Path=/; SameSite=Strict; Max-Age=34560000; Secure',
    '__Host-session_hint=; Path=/; SameSite=Strict; Max-Age=0; Secure',
  ]);
  const plain = pageWith('', 'http:');
  plain.hint.write('out');
  expect(plain.written).toEqual(['session_hint=out; Path=/; SameSite=Strict; Max-Age=34560000']);
});
