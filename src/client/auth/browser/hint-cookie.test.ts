import { expect, test } from 'vitest';
import { cookieNames, hintCookieName } from '../../../shared/auth/index.ts';
import { hintCookie } from './hint-cookie.ts';

const pageWith = (cookie: string, baseURI = 'https://app.example/notes', url = '/api/trpc') => {
  const written: string[] = [];
  const page = {
    baseURI,
    location: new URL(baseURI),
    get cookie() {
      return cookie;
    },
    set cookie(value: string) {
      written.push(value);
    },
  };
  return { hint: hintCookie(url, page), written };
};

test('the hint is read by its whole name', () => {
  const onHttp = 'http://localhost:3000/';
  expect(pageWith('a=1; __Host-session_hint=abc_-123; b=2').hint.read()).toBe('abc_-123');
  expect(pageWith('latchkey_3000_session_hint=abc', onHttp).hint.read()).toBe('abc');
  expect(pageWith('latchkey_3001_session_hint=abc; session_hint=def', onHttp).hint.read()).toBeNull();
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
  const plain = pageWith('', 'http://localhost:3000/');
  plain.hint.write('out');
  expect(plain.written).toEqual(['latchkey_3000_session_hint=out; Path=/; SameSite=Strict; Max-Age=34560000']);
});

test.each([
  ['/api/trpc', 'http://localhost/', 'http://localhost'],
  ['/api/trpc', 'http://localhost:80/', 'http://localhost:80'],
  ['/api/trpc', 'http://box.lan.test:4310/sign-in', 'http://box.lan.test:4310'],
  ['/api/trpc', 'https://app.example:8443/', 'https://app.example:8443'],
  // A development server that serves the page alone: the cookies are those of the API.
  ['http://localhost:3000/api/trpc', 'http://localhost:5173/', 'http://localhost:3000'],
  ['//localhost:3000/api/trpc', 'http://localhost:5173/', 'http://localhost:3000'],
])('a page that calls %s at %s knows the name that the server of %s gives it', (url, page, publicUrl) => {
  const { hint, written } = pageWith('', page, url);
  hint.write('x');
  expect(written[0]?.split('=')[0]).toBe(cookieNames(new URL(publicUrl)).hint);
});

test('on http no two ports of a host share a name, on https the browser guards it', () => {
  const names = [80, 443, 3000, 3001, 4310].flatMap((port) => {
    const { refresh, hint, device } = cookieNames(new URL(`http://localhost:${port}`));
    return [refresh, hint, device];
  });
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain('latchkey_80_refresh');
  expect(names).toContain('latchkey_3000_device');
  expect(hintCookieName(new URL('https://app.example:8443'))).toBe('__Host-session_hint');
});

test('beside a server on another host of the site the page has a hint of its own, and nowhere else', () => {
  const { hint, written } = pageWith('', 'https://app.example.com/', 'https://api.example.com/trpc');
  hint.renew?.();
  expect(written).toHaveLength(1);
  for (const line of written) {
    expect(line).toMatch(/^__Host-session_hint=\d+; Path=\/; SameSite=Strict; Max-Age=34560000; Secure$/);
  }
  for (const url of ['/api/trpc', 'https://app.example.com:8443/trpc']) {
    const same = pageWith('', 'https://app.example.com/', url);
    same.hint.renew?.();
    expect(same.written).toEqual([]);
  }
});
