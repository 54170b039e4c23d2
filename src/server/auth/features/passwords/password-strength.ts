import { dictionary } from '@zxcvbn-ts/language-common';
import { caseless, identifierKey } from '../../../../shared/auth/identifiers.ts';
import { PASSWORD_MIN } from '../../../../shared/auth/schemas.ts';
import type { AccountNames } from '../../accounts/identifier-keys.ts';

/** The common passwords that the length rule alone would let through: some 18,000 (ASVS 6.2.4 asks for 3,000). */
const COMMON = new Set(
  (dictionary['passwords-common'] ?? []).map(String).filter((word) => word.length >= PASSWORD_MIN),
);

/** Shorter runs of letters are no name, and a password is not made of names while as many other letters are left. */
const MIN_NAME_LENGTH = 3;

/** Letters alone: `Ada-Lovelace_1815` and `lovelace.ada` are made of the same names. */
const letters = (text: string): string => caseless(text).replace(/[^\p{L}]/gu, '');

const isMadeOf = (names: readonly string[], password: string): boolean => {
  const longestFirst = names
    .filter((name) => name.length >= MIN_NAME_LENGTH)
    .toSorted((one, other) => other.length - one.length);
  const all = letters(password);
  const rest = longestFirst.reduce((text, name) => text.replaceAll(name, ''), all);
  return rest !== all && rest.length < MIN_NAME_LENGTH;
};

/**
 * Whether a password is in a public list, or made of the user's own names with little but digits and signs around them
 * (ASVS 6.2.4, 6.2.11, NIST SP 800-63B-4 section 3.1.1.2). There are no rules of composition.
 * @param words what else no password may be made of, such as the app's name.
 */
export const isTooCommon = (password: string, account: AccountNames, words: readonly string[] = []): boolean => {
  const username = account.username ?? '';
  const email = account.email ?? '';
  if (COMMON.has(password.toLowerCase())) return true;
  if ([username, email].some((name) => name !== '' && identifierKey(name) === identifierKey(password))) return true;

  const [mailbox = '', domain = ''] = email.split('@');
  const names = [
    username,
    mailbox,
    domain,
    ...username.split(/[_.-]/),
    ...mailbox.split(/[_.+-]/),
    ...domain.split('.'),
    ...words,
  ];
  return isMadeOf(names.map(letters), password);
};
