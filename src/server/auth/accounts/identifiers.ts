/** What an account is known by, and signs in with: a username and an e-mail, or an e-mail alone. */
export type Identifiers = readonly ['username', 'email'] | readonly ['email'];

export type DefaultIdentifiers = readonly ['username', 'email'];

/** @throws TypeError when they are no such list. */
export const isByEmail = (identifiers: readonly string[]): boolean => {
  const named = identifiers.join();
  if (named !== 'email' && named !== 'username,email') {
    throw new TypeError("The identifiers must be ['username', 'email'] or ['email'].");
  }
  return named === 'email';
};
