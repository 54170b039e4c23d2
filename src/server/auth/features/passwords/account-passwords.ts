import type { AccountPasswords } from '../../accounts/credentials.ts';
import type { Clock } from '../../clock.ts';
import type { HasherPool } from './hasher-pool.ts';
import type { PasswordStore } from './password-store.ts';
import type { RefuseLogin } from './refuse-login.ts';
import { refusePassword } from './refuse-password.ts';

/** What this feature does for those that mail links. */
export const createAccountPasswords = ({
  store,
  hasher,
  clock,
  refuseLogin,
}: {
  store: PasswordStore;
  hasher: HasherPool;
  clock: Pick<Clock, 'now'>;
  refuseLogin: RefuseLogin;
}): AccountPasswords => ({
  find: async (db, userId) => (await store.findAgain(db, userId))?.hash ?? null,
  findReplaced: (db, userId) => store.findReplaced(db, userId, clock.now()),
  verify: (hash, password, hasLeft) => hasher.verify(hash ?? undefined, password, () => !hasLeft()),
  refuseWrong: () => refusePassword('invalid_credentials'),
  refuseTry: (request, userId) => refuseLogin(request, refusePassword('invalid_credentials'), userId),
  put: (transaction, userId, hash) =>
    hash === null ? store.remove(transaction, userId) : store.put(transaction, userId, hash),
});
