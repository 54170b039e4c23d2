import { expect, test } from 'vitest';
import { type Amr, acrOf, FRESH_TTL_MS, isProvenWithin, proofClaims, withProof } from './proofs.ts';

const NOW = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const PASSWORD_ALONE = ['password', 'passkey'];
const WITH_TOTP = ['password', 'totp', 'passkey'];
const ago = (minutes: number): number => NOW - minutes * MINUTE;

test.each<[Amr[], 'aal1' | 'aal2']>([
  [['pwd'], 'aal1'],
  [['oidc'], 'aal1'],
  [['otp'], 'aal1'],
  [['pwd', 'oidc'], 'aal1'],
  [['otp', 'recovery_code'], 'aal1'],
  [['pwd', 'otp'], 'aal2'],
  [['oidc', 'recovery_code'], 'aal2'],
  [['swk'], 'aal2'],
  [['hwk'], 'aal2'],
  [[], 'aal1'],
])('%j is %s', (amr, acr) => {
  expect(acrOf(amr)).toBe(acr);
});

test('without the cookie a token says what the sign-in has proven', () => {
  const signIn = { amr: ['pwd', 'otp'] as const, at: ago(300) };
  expect(proofClaims(signIn, undefined, { fac: WITH_TOTP, now: NOW })).toEqual({
    amr: ['pwd', 'otp'],
    acr: 'aal2',
    authTime: ago(300),
  });
});

test('of two kinds the older one counts, and a passkey alone is both', () => {
  const signIn = { amr: ['pwd'] as const, at: ago(300) };
  const of = (times: Partial<Record<Amr, number>>, fac = WITH_TOTP) => proofClaims(signIn, times, { fac, now: NOW });
  expect(of({ pwd: ago(9), otp: ago(2) })).toEqual({ amr: ['pwd', 'otp'], acr: 'aal2', authTime: ago(9) });
  expect(of({ oidc: ago(1), recovery_code: ago(20) }).authTime).toBe(ago(20));
  expect(of({ pwd: ago(9), otp: ago(2), swk: ago(5) }).authTime).toBe(ago(5));
  expect(of({ pwd: ago(1) })).toEqual({ amr: ['pwd'], acr: 'aal1', authTime: ago(300) });
  expect(of({ otp: ago(1) }).authTime).toBe(ago(300));
  expect(of({ pwd: ago(9), swk: ago(2) }, PASSWORD_ALONE).authTime).toBe(ago(2));
});

test('a proof that is worth less than the sign-in takes nothing away from it', () => {
  const signIn = { amr: ['swk'] as const, at: ago(30) };
  expect(proofClaims(signIn, { pwd: NOW }, { fac: PASSWORD_ALONE, now: NOW })).toEqual({
    amr: ['swk'],
    acr: 'aal2',
    authTime: NOW,
  });
});

test('proofs add up for an hour', () => {
  const first = withProof({}, ['pwd'], ago(59));
  expect(withProof(first, ['otp'], NOW)).toEqual({ pwd: ago(59), otp: NOW });
  expect(withProof(first, ['otp'], ago(59) + FRESH_TTL_MS)).toEqual({ otp: ago(59) + FRESH_TTL_MS });
  const signIn = { amr: ['pwd'] as const, at: ago(300) };
  const later = { fac: WITH_TOTP, now: ago(59) + FRESH_TTL_MS };
  expect(proofClaims(signIn, { pwd: ago(59), otp: NOW }, later)).toEqual({
    amr: ['otp'],
    acr: 'aal1',
    authTime: ago(300),
  });
});

test('a demand asks for what a sign-in asks for, in whole seconds', () => {
  const fac = ['password', 'totp'] as const;
  const aal2 = { acr: 'aal2', authTime: NOW - 600_000, fac } as const;
  expect(isProvenWithin(aal2, 600, NOW)).toBe(true);
  expect(isProvenWithin(aal2, 600, NOW + 999)).toBe(true);
  expect(isProvenWithin(aal2, 600, NOW + 1000)).toBe(false);
  expect(isProvenWithin({ ...aal2, acr: 'aal1' }, 600, NOW)).toBe(false);
  expect(isProvenWithin({ ...aal2, acr: 'aal1', fac: ['password'] }, 600, NOW)).toBe(true);
});
