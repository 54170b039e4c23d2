import { createArgon2Pool } from '../src/server/auth/features/passwords/index.ts';
import { createSecretKeySet, systemClock } from '../src/server/auth/index.ts';
import { createStore, type StoreOptions } from '../src/server/database/index.ts';
import { createTestAuth, TEST_PASSWORD } from '../src/testing/auth.ts';

/** The password of everybody. */
export const PASSWORD = TEST_PASSWORD;

/** Somebody with a session. */
export interface SignedInPerson {
  username: string;
  accessToken: string;
  /** As the `Cookie` header has them. */
  cookies: string;
}

export interface SignInOptions {
  location: Omit<StoreOptions, 'poolSize'>;
  /** What the server is configured with, or it would not know the tokens. */
  publicUrl: string;
  secrets: { accessToken: string; refreshToken: string };
  count: number;
  /** Whether they can sign in again: then their passwords are hashed for real, which is slow on purpose. */
  realPasswords: boolean;
}

const inTurns = async <TItem, TResult>(
  items: readonly TItem[],
  width: number,
  work: (item: TItem) => Promise<TResult>,
): Promise<TResult[]> => {
  const results: TResult[] = [];
  for (let start = 0; start < items.length; start += width) {
    results.push(...(await Promise.all(items.slice(start, start + width).map(work))));
  }
  return results;
};

/** Registers people straight in a store, by the stack itself, while no server runs on it. */
export const signPeopleIn = async (options: SignInOptions): Promise<SignedInPerson[]> => {
  const { publicUrl, secrets, count, realPasswords } = options;
  const location = { ...options.location, poolSize: 5 };
  const database = createStore(location);
  const kit = await createTestAuth(
    { database },
    {
      publicUrl,
      clock: systemClock,
      accessTokenKeys: createSecretKeySet([secrets.accessToken]),
      refreshTokenKeys: createSecretKeySet([secrets.refreshToken]),
      ...(realPasswords && { hasher: createArgon2Pool() }),
    },
  );
  const signIn = async (username: string): Promise<SignedInPerson> => {
    const browser = kit.openBrowser();
    await browser.register(username);
    const cookies = [...browser.cookies].map(([name, [value = '']]) => `${name}=${value}`).join('; ');
    return { username, accessToken: browser.accessToken ?? '', cookies };
  };
  try {
    const names = Array.from({ length: count }, (_, index) => `person_${index}`);
    return await inTurns(names, 20, signIn);
  } finally {
    await kit.stop();
    await database.close();
  }
};
