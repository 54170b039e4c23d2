import { identifierKey } from '../../../../shared/auth/identifiers.ts';
import type { AccountNames } from '../../accounts/identifier-keys.ts';
import type { Auth } from '../../auth.ts';
import type { CoreEvent, Report } from '../../events.ts';
import type { AuthCore, InstalledFeature } from '../../feature.ts';
import type { AuthRequest } from '../../request.ts';
import { rolesSlot } from '../../roles.ts';
import { createSlot } from '../../slot.ts';
import type { RecordEvents } from '../../store/recording.ts';
import { createAccountPasswords } from './account-passwords.ts';
import { type Attempt, beginAttempt, everyBucketOf } from './attempts.ts';
import { createBreachCheck } from './breach-check.ts';
import type { HasherPool } from './hasher-pool.ts';
import { createImportBatch, type ImportBatch } from './import-batch.ts';
import { createLogin, type Login } from './login.ts';
import { createOwnPassword, type PrepareOwnChange } from './own-password.ts';
import { createPasswordChanges, type PasswordChanges } from './password-changes.ts';
import { createPasswordCheck } from './password-check.ts';
import { passwordCredential } from './password-credential.ts';
import type { PasswordEvent } from './password-events.ts';
import { createPasswordProof, type ProvePassword } from './password-proof.ts';
import { createPasswordStore } from './password-store.ts';
import { purgeReplaced } from './purge-replaced.ts';
import { createRefuseLogin, type RefuseLogin } from './refuse-login.ts';
import { createRegistration, type Register } from './registration.ts';
import { type BeginSignUp, createBeginSignUp } from './sign-up.ts';

/** What the procedures of passwords work with. */
export interface PasswordService {
  login: Login;
  /** Prepares a change of one's own password. */
  prepareChange: PrepareOwnChange;
  /** Judges the password of somebody who is signed in. */
  prove: ProvePassword;
  refuseLogin: RefuseLogin;
  register: Register;
  /** In its place where an address has to be confirmed before there is an account. */
  beginSignUp: BeginSignUp | undefined;
  changes: PasswordChanges;
  /**
   * Judges a new password, and hashes it.
   * @throws `password_too_common`, `password_breached`, `unavailable`
   */
  prepare(request: AuthRequest, password: string, account: AccountNames): Promise<string>;
  /** Forgets the failed attempts by the names of an account, as a right password would. */
  forgetAttempts(request: AuthRequest, account: AccountNames, device: string | undefined): Promise<void>;
  importBatch: ImportBatch;
  /**
   * Counts an attempt before its input is looked at.
   * @throws `rate_limited`, `unavailable` when too many passwords wait to be hashed
   */
  begin(limit: 'address' | 'registration', request: AuthRequest): Promise<Attempt>;
  /** How many passwords wait for their turn. */
  waiting(): number;
}

const slot = createSlot<PasswordService>('passwords', 'Add passwords() to the features of createAuth.');

/**
 * What the procedures of passwords work with, for those that an app writes in their place.
 * @throws TypeError when the auth has no feature `passwords`.
 */
export const passwordsOf = (auth: Auth): PasswordService => slot.of(auth);

export const installPasswords = (
  auth: Auth,
  core: AuthCore,
  hasher: HasherPool,
  refusedWords: readonly string[],
): InstalledFeature => {
  const { database, accounts, clock, limits } = core;
  const report: Report<CoreEvent | PasswordEvent> = core.report;
  const record: RecordEvents<CoreEvent | PasswordEvent> = core.record;
  const { appName, breachCheckUrl } = core;
  const isBreached = breachCheckUrl === undefined ? undefined : createBreachCheck({ url: breachCheckUrl, clock });
  const words = [appName, ...refusedWords];
  const check = createPasswordCheck({ words, isBreached, report });
  const refuseLogin = createRefuseLogin({ database, report, record });
  const store = createPasswordStore(database);
  const prove = createPasswordProof({ database, store, hasher, limits, report, record });
  slot.fill(auth, {
    login: createLogin({ ...core, store, hasher, refuseLogin }),
    refuseLogin,
    register: createRegistration({ ...core, store, hasher, check, report }),
    beginSignUp: core.requireEmailVerification ? createBeginSignUp(core, hasher, check) : undefined,
    prove,
    prepareChange: createOwnPassword({ database, store, accounts, hasher, check, clock, prove, report, record }),
    importBatch: createImportBatch({ ...core, roles: rolesSlot.of(auth), report, record }),
    changes: createPasswordChanges({ ...core, store, hasher, words, report, record }),
    prepare: async (request, password, account) => {
      await check(request, password, account);
      return await hasher.hash(password, () => !request.isDisconnected());
    },
    forgetAttempts: async (request, { username, email }, device) => {
      const names = [username, email].filter((name) => typeof name === 'string');
      await limits.clear(names.flatMap((name) => everyBucketOf(request, identifierKey(name), device)));
    },
    begin: async (limit, request) => {
      hasher.ensureRoom();
      return await beginAttempt(limits, limit, request);
    },
    waiting: hasher.waiting,
  });
  const describe = async (userId: string) => ({ hasPassword: await store.hasPassword(database, userId) });
  return {
    credential: passwordCredential(store),
    passwords: createAccountPasswords({ store, hasher, clock, refuseLogin }),
    describe,
    exportOf: describe,
    purges: { replaced_passwords: purgeReplaced(database) },
  };
};
