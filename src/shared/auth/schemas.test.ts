import { expect, test } from 'vitest';
import { loginInput, passwordSchema, registerInput } from './schemas.ts';

const isTaken = (password: string): boolean => passwordSchema.safeParse(password).success;

test.each([
  ['8 letters', 'x'.repeat(8)],
  ['8 characters outside of the basic plane', '😀'.repeat(8)],
  ['256 of them', '😀'.repeat(256)],
  ['spaces alone', ' '.repeat(8)],
  ['digits alone', '1'.repeat(8)],
  ['any script', 'пароль из слов'],
  ['control characters', '\0\t\n\u200b\u202e\u0301\ufeff\u00a0'],
])('a password may be %s, and stays as it is', (_what, password) => {
  expect(passwordSchema.parse(password)).toBe(password);
});

test('a password has 8 to 256 characters, by code points', () => {
  expect([isTaken('x'.repeat(7)), isTaken('😀'.repeat(7))]).toEqual([false, false]);
  expect([isTaken('x'.repeat(257)), isTaken('😀'.repeat(257))]).toEqual([false, false]);
});

test('a key that nobody asked for is refused, at login and at registration', () => {
  const login = { username: 'ada', password: 'correct horse' };
  expect(loginInput.safeParse(login).success).toBe(true);
  expect(loginInput.safeParse({ ...login, roles: ['admin'] }).success).toBe(false);
  const registration = { ...login, email: 'ada@mail.example' };
  expect(registerInput.safeParse(registration).success).toBe(true);
  expect(registerInput.safeParse({ ...registration, emailVerified: true }).success).toBe(false);
});
