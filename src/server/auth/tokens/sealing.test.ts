import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createSealing, type SealedPlace } from './sealing.ts';

const secret = (): string => randomBytes(32).toString('base64url');
const place: SealedPlace = { table: 'auth_flows', row: 'a', userId: 'ada' };
const [first, second] = [secret(), secret()];

test('what is sealed can be opened, is another text each time, and tells nothing', () => {
  const sealing = createSealing([first]);
  const sealed = sealing.seal(place, 'tea and ☕');
  expect(sealing.open(place, sealed)).toEqual({ value: 'tea and ☕', isOutdated: false });
  expect(sealing.open(place, sealing.seal(place, ''))).toEqual({ value: '', isOutdated: false });
  expect(sealing.seal(place, 'tea and ☕')).not.toBe(sealed);
  expect(Buffer.from(sealed.split('.')[1] ?? '', 'base64url').toString()).not.toContain('tea');
});

test.each<[string, SealedPlace]>([
  ['row', { ...place, row: 'b' }],
  ['table', { ...place, table: 'auth_totp' }],
  ['user', { ...place, userId: 'bob' }],
  ['user, who is none', { ...place, userId: null }],
  ['split of the same names', { table: 'auth_flows', row: 'a","ada', userId: '' }],
])('moved to another %s it cannot be opened', (_what, elsewhere) => {
  const sealing = createSealing([first]);
  expect(sealing.open(elsewhere, sealing.seal(place, 'x'))).toBeUndefined();
});

test('changed in any of its bytes, cut, or made up, it cannot be opened', () => {
  const sealing = createSealing([first]);
  const sealed = sealing.seal(place, 'x');
  const [id = '', text = ''] = sealed.split('.');
  const bytes = Buffer.from(text, 'base64url');
  for (const [index, byte] of bytes.entries()) {
    const changed = Buffer.from(bytes);
    changed[index] = byte ^ 1;
    expect(sealing.open(place, `${id}.${changed.toString('base64url')}`)).toBeUndefined();
  }
  for (let length = 0; length < bytes.length; length += 1) {
    expect(sealing.open(place, `${id}.${bytes.subarray(0, length).toString('base64url')}`)).toBeUndefined();
  }
  expect(['', '.', id, `.${text}`, `${'x'.repeat(12)}.${text}`].map((value) => sealing.open(place, value))).toEqual(
    Array.from({ length: 5 }, () => undefined),
  );
});

test('a secret is replaced in steps: the first seals, all open, and what the others sealed is to be sealed again', () => {
  const before = createSealing([first]).seal(place, 'x');
  const both = createSealing([second, first]);
  expect(both.open(place, before)).toEqual({ value: 'x', isOutdated: true });
  const after = createSealing([second]);
  expect(after.open(place, both.seal(place, 'x'))).toEqual({ value: 'x', isOutdated: false });
  expect(after.open(place, before)).toBeUndefined();
});

test('without a secret nothing is sealed, and the error says what to do', () => {
  const sealing = createSealing([]);
  expect(sealing.isOn).toBe(false);
  expect(() => sealing.seal(place, 'x')).toThrow(/^DATA_SECRET .*`npx latchkey secrets`/);
  expect(() => sealing.open(place, 'x')).toThrow(TypeError);
  expect(() => createSealing(['too short'])).toThrow('32 bytes');
});
