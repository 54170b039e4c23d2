import { expect, test } from 'vitest';
import { revocationCauseOf } from './revocation-cause.ts';

test('the cause of a feature that this process does not know is handed on', () => {
  expect(['logout', 'password_changed', 'passkey_removed_2'].map(revocationCauseOf)).toEqual([
    'logout',
    'password_changed',
    'passkey_removed_2',
  ]);
});

test('what is no name is an administrator’s doing', () => {
  for (const stored of [null, undefined, '', 'It was me', 'Ended', '_x', 'é', 'a\n', 'a'.repeat(65), 1]) {
    expect(revocationCauseOf(stored)).toBe('ended_by_admin');
  }
});
