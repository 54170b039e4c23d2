import type { Credential } from '../../accounts/credentials.ts';
import type { PasswordStore } from './password-store.ts';

/** The way in that this feature knows of. */
export const passwordCredential = (store: PasswordStore): Credential => ({
  method: 'password',
  count: async (userId, transaction) => ((await store.hasPassword(transaction, userId)) ? 1 : 0),
  remove: async (userId, { since }, transaction) => {
    // A password takes the place of the one before: whoever takes back what came since puts that one back instead.
    if (since === undefined) await store.remove(transaction, userId);
  },
});
