import { hash } from '@node-rs/argon2';
import { expect, test } from 'vitest';
import { createArgon2Pool } from './hasher-pool.ts';
import { isTooCommon } from './password-strength.ts';

const passwords = createArgon2Pool({ concurrency: 2 });

test('a hash is argon2id with 19 MiB, two passes and one lane, salted', async () => {
  const [one, other] = await Promise.all([passwords.hash('correct horse'), passwords.hash('correct horse')]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(one).not.toBe(other);
  expect(passwords.isOutdated(one)).toBe(false);
  expect(passwords.isOutdated(await hash('correct horse', { memoryCost: 8192, timeCost: 2, parallelism: 1 }))).toBe(
    true,
  );
});

test.each([
  ['case', 'correct horse', 'Correct horse'],
  ['a space at the end', 'correct horse', 'correct horse '],
  ['what follows byte 72', `${'x'.repeat(72)}a`, `${'x'.repeat(72)}b`],
  ['a form of the same letter', 'caf\u00e9 au lait', 'cafe\u0301 au lait'],
  ['the last of 256 characters', `${'😀'.repeat(255)}a`, `${'😀'.repeat(255)}b`],
])('passwords that differ by %s are different', async (_what, password, other) => {
  const stored = await passwords.hash(password);
  expect(await passwords.verify(stored, password)).toBe(true);
  expect(await passwords.verify(stored, other)).toBe(false);
});

test('without a hash no password is right', async () => {
  expect(await passwords.verify(undefined, 'nobody has this password')).toBe(false);
});

const user = { username: 'Ada_Lovelace', email: 'countess@analytical-engine.example' };

test.each([
  'password1',
  'PASSWORD1',
  '12345678',
  'iloveyou',
  'qwertyuiop',
  'ada_lovelace',
  'ADA_LOVELACE',
  'lovelace1815',
  'AdaLovelace!',
  'lovelace.ada.1',
  'countess1815',
  'analytical-engine',
  'analyticalengine1!',
  'countess@analytical-engine.example',
  '1adalovelace1',
])('the password "%s" is too common for Ada', (password) => {
  expect(isTooCommon(password, user)).toBe(true);
});

test.each([
  'correct horse battery staple',
  'lovelace wrote a note',
  'x7#kQ92!mZ',
  'ada likes engines',
  '        x',
  '\u{1F511}'.repeat(8),
])('the password "%s" is not', (password) => {
  expect(isTooCommon(password, user)).toBe(false);
});
