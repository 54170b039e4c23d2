import type { AuthMethod } from '../../../shared/auth/index.ts';
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

/** What a feature brings of them. */
export interface FeatureCredentials {
  readonly credential?: Credential;
  readonly secondFactor?: SecondFactor;
}

const METHOD = /^(?:password|totp|passkey|oidc:[a-z0-9-]+)$/;

const isMethod = (word: string): word is AuthMethod => METHOD.test(word);

export type Credentials = ReturnType<typeof createCredentials>;

/** The ways of all features given to prove who one is. */
export const createCredentials = () => {
  const credentials: Credential[] = [];
  const secondFactors: SecondFactor[] = [];
  const methods = new Set<string>();

  return {
    /** Called once for each feature that is installed. */
    add: ({ credential, secondFactor }: FeatureCredentials): void => {
      if (credential !== undefined) credentials.push(credential);
      if (secondFactor !== undefined) secondFactors.push(secondFactor);
      for (const added of [credential, secondFactor]) if (added !== undefined) methods.add(added.method);
    },
    credentials: (): readonly Credential[] => credentials,
    secondFactors: (): readonly SecondFactor[] => secondFactors,
    /** The claim `fac`: what the account has, less what no feature given could ask for. */
    facOf: ({ fac }: Pick<StoredUser, 'fac'>): AuthMethod[] =>
      fac.split(',').filter((word): word is AuthMethod => isMethod(word) && methods.has(word.replace(/:.*/, ''))),
  };
};
