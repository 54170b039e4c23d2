import type { TRPCError } from '@trpc/server';
import type { AuthMethod } from '../../../shared/auth/index.ts';
import type { AuthRequest } from '../request.ts';
import type { AuthDatabase } from '../store/tables.ts';
import type { StoredUser } from './stored-user.ts';

/** Which of a kind are taken away. */
export interface Removal {
  /** Only those that were added then or after, in milliseconds since the epoch. */
  since?: number;
}

/** A way in: something that an account signs in with by itself. */
export interface Credential {
  /** The word of `fac`; with `oidc` those that begin with `oidc:`. */
  readonly method: string;
  /** How many the account has that would let it in. */
  count(userId: string, transaction: AuthDatabase): Promise<number>;
  /** Takes them away, and their words from `fac`. */
  remove(userId: string, removal: Removal, transaction: AuthDatabase): Promise<void>;
}

/** What a sign-in asks for beside a way in. */
export interface SecondFactor {
  readonly method: string;
  isEnrolled(userId: string, transaction: AuthDatabase): Promise<boolean>;
  /** Takes it away, and its word from `fac`. */
  remove(userId: string, removal: Removal, transaction: AuthDatabase): Promise<void>;
}

/** A password that stood, and when another one took its place, in milliseconds since the epoch. */
export interface ReplacedPassword {
  hash: string;
  replacedAt: number;
}

/** Passwords, for the features that mail links: an app may have those without. */
export interface AccountPasswords {
  /** The hash that stands; null where an account has no password. */
  find(db: AuthDatabase, userId: string): Promise<string | null>;
  /**
   * Those that stood within the last week and were replaced by somebody in a session, the newest first. They sign in to
   * nothing; a way back takes them.
   */
  findReplaced(db: AuthDatabase, userId: string): Promise<ReplacedPassword[]>;
  /**
   * Null is no password, and takes as long.
   * @throws `unavailable` when too many wait, and CLIENT_CLOSED_REQUEST when `hasLeft` says so once its turn has come
   */
  verify(hash: string | null, password: string, hasLeft: () => boolean): Promise<boolean>;
  /** What a wrong one is refused with. */
  refuseWrong(): TRPCError;
  /** Records that somebody tried a wrong one for the account, and returns the refusal. In no transaction. */
  refuseTry(request: AuthRequest, userId: string | undefined): Promise<TRPCError>;
  /** Puts a hash in the place of the one that stands, or takes that away. The caller has written the account's row. */
  put(transaction: AuthDatabase, userId: string, hash: string | null): Promise<void>;
}

/** What a feature brings of them. */
export interface FeatureCredentials {
  readonly credential?: Credential;
  readonly secondFactor?: SecondFactor;
  /** Of the feature `passwords` alone. */
  readonly passwords?: AccountPasswords;
}

const METHOD = /^(?:password|totp|passkey|oidc:[a-z0-9-]+)$/;

const isMethod = (word: string): word is AuthMethod => METHOD.test(word);

export type Credentials = ReturnType<typeof createCredentials>;

/** The ways of all features given to prove who one is. */
export const createCredentials = () => {
  const credentials: Credential[] = [];
  const secondFactors: SecondFactor[] = [];
  const methods = new Set<string>();
  let accountPasswords: AccountPasswords | undefined;

  return {
    /** Called once for each feature that is installed. */
    add: ({ credential, secondFactor, passwords }: FeatureCredentials): void => {
      if (passwords !== undefined) accountPasswords = passwords;
      if (credential !== undefined) credentials.push(credential);
      if (secondFactor !== undefined) secondFactors.push(secondFactor);
      for (const added of [credential, secondFactor]) if (added !== undefined) methods.add(added.method);
    },
    /** Undefined where the app has no passwords. */
    passwords: (): AccountPasswords | undefined => accountPasswords,
    credentials: (): readonly Credential[] => credentials,
    secondFactors: (): readonly SecondFactor[] => secondFactors,
    /** The claim `fac`: what the account has, less what no feature given could ask for. */
    facOf: ({ fac }: Pick<StoredUser, 'fac'>): AuthMethod[] =>
      fac.split(',').filter((word): word is AuthMethod => isMethod(word) && methods.has(word.replace(/:.*/, ''))),
  };
};
