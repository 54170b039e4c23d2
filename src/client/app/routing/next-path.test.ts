import { expect, test } from 'vitest';
import { nextPath } from './next-path.ts';

const ORIGIN = 'https://notes.example';

test.each([
  ['/', '/'],
  ['/account/sessions', '/account/sessions'],
  ['/account/sessions?tab=1#top', '/account/sessions?tab=1#top'],
  ['/a/../account/sessions', '/account/sessions'],
  ['/?q=https://evil.example', '/?q=https://evil.example'],
  ['/a//b', '/a//b'],
])('%j is a path of our own', (value, expected) => {
  expect(nextPath(value, ORIGIN)).toBe(expected);
});

test.each([
  [undefined],
  [null],
  [7],
  [['/account/sessions']],
  [{ toString: () => '/' }],
  [''],
  ['account/sessions'],
  ['https://evil.example'],
  ['https://notes.example/account'],
  ['https:/evil.example'],
  ['javascript:alert(1)'],
  ['data:text/html,hi'],
  ['//evil.example'],
  ['///evil.example'],
  ['//evil.example/%2f..'],
  ['/\\evil.example'],
  ['\\\\evil.example'],
  ['/\t/evil.example'],
  ['/\n/evil.example'],
  ['/\r\n/evil.example'],
  ['\t//evil.example'],
  [' //evil.example'],
  ['/\u0000/evil.example'],
  ['/\u0085/evil.example'],
  ['/.//evil.example'],
  ['/..//evil.example'],
  ['/a/..//evil.example'],
  ['/%2e//evil.example'],
  ['/%2e%2e//evil.example'],
  ['/%2f/evil.example'],
  ['/%2fevil.example'],
  ['/%5cevil.example'],
  ['/%09/evil.example'],
  ['/%'],
  ['/%ff'],
  ['/account\\..\\..\\evil.example'],
  ['@evil.example'],
  ['.evil.example'],
  ['/sign-in'],
  ['/sign-in?next=/sign-in'],
  ['/sign-up'],
])('%j is refused', (value) => {
  expect(nextPath(value, ORIGIN)).toBeNull();
});
