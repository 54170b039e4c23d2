import { expect, test } from 'vitest';
import { originForm } from './request-target.ts';

test.each([
  ['/', '/'],
  ['/a?b', '/a?b'],
  ['//u:p@host/a', '//u:p@host/a'],
  ['http://host/a?b', '/a?b'],
  ['HTTPS://host:99999/a', '/a'],
  ['http://host', '/'],
  ['http://host?b', '/?b'],
  ['http://u:p@host/a', '/a'],
  ['http://[/a', '/a'],
  ['http://[::1]:80/a', '/a'],
  ['/a?b#c?d', '/a?b'],
  ['//a@?#', '//a@?'],
  ['http://host#/a', '/'],
])('the target %s is the path %s', (target, path) => {
  expect(originForm(target)).toBe(path);
});

test.each([
  '',
  '*',
  '*a',
  'http://',
  'http:///a',
  'http:/a',
  'ftp://host/a',
  'javascript://x/%0aalert(1)',
  'ws://host/',
])('the target "%s" names nothing here', (target) => {
  expect(originForm(target)).toBe('*');
});
