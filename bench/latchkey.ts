import { createTestSecret } from '../src/testing/auth.ts';
import type { BenchContext } from './context.ts';
import type { VirtualUser } from './load/plan.ts';
import { PASSWORD, type SignedInPerson, signPeopleIn } from './people.ts';
import type { ServerProcess } from './server-process.ts';

/** The origin that tokens are issued for. Nothing is looked up by it. */
const PUBLIC_URL = 'http://localhost';

/** What a browser says of itself on every call. The others are sent the same. */
export const BROWSER_HEADERS = {
  accept: '*/*',
  'accept-language': 'en',
  'sec-fetch-site': 'same-origin',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
} as const;

export interface LatchkeyOptions {
  store: 'SQLite' | 'Postgres';
  /** With the app's procedures, or with those of `servers/latchkey-host.ts`. @default 'app' */
  procedures?: 'app' | 'host';
  /** So many people are signed in before the server starts. @default 1 */
  people?: number;
  /** Whether they can sign in again. @default false */
  realPasswords?: boolean;
  env?: Record<string, string>;
  nodeArguments?: readonly string[];
}

export interface Latchkey {
  server: ServerProcess;
  /** Starts another process on the same store, with the same secrets. */
  startAnother(): Promise<ServerProcess>;
  /** Where its store is, for `createStore`. */
  location: { databaseUrl: string | undefined; dataDir: string };
  people: readonly SignedInPerson[];
}

/** The production server on a store of its own, as it is deployed but for the limits, and people who are signed in. */
export const startLatchkey = async (context: BenchContext, options: LatchkeyOptions): Promise<Latchkey> => {
  const { store, procedures = 'app', people: count = 1, realPasswords = false, env = {}, nodeArguments = [] } = options;
  const location =
    store === 'SQLite'
      ? { databaseUrl: undefined, dataDir: await context.createFolder() }
      : { databaseUrl: await context.createDatabase(), dataDir: 'memory:' };
  const secrets = { accessToken: createTestSecret(), refreshToken: createTestSecret() };
  const people = await signPeopleIn({ location, publicUrl: PUBLIC_URL, secrets, count, realPasswords });
  const dataSecret = createTestSecret();
  const startServer = () =>
    context.startServer({
      name: `latchkey-${store.toLowerCase()}`,
      program: procedures === 'app' ? 'latchkey' : 'latchkeyHost',
      readyPath: '/readyz',
      nodeArguments,
      env: {
        PUBLIC_URL,
        ACCESS_TOKEN_SECRET: secrets.accessToken,
        REFRESH_TOKEN_SECRET: secrets.refreshToken,
        DATA_SECRET: dataSecret,
        RATE_LIMIT: 'off',
        DATA_DIR: location.dataDir,
        ...(location.databaseUrl !== undefined && { DATABASE_URL: location.databaseUrl }),
        ...env,
      },
    });
  return { server: await startServer(), startAnother: startServer, location, people };
};

/** A query of a signed-in person. */
export const queryBy = ({ accessToken }: SignedInPerson, path: string): VirtualUser => ({
  method: 'GET',
  path,
  headers: { ...BROWSER_HEADERS, authorization: `Bearer ${accessToken}` },
});

export const POST_HEADERS = { ...BROWSER_HEADERS, 'content-type': 'application/json' } as const;

/** The refresh of a signed-in person. */
export const refreshBy = ({ cookies }: SignedInPerson): VirtualUser => ({
  method: 'POST',
  path: '/api/trpc/auth.refresh',
  headers: { ...POST_HEADERS, cookie: cookies },
});

/** The logout of a signed-in person, by the cookie alone. */
export const logoutBy = ({ cookies }: SignedInPerson): VirtualUser => ({
  method: 'POST',
  path: '/api/trpc/auth.logout',
  headers: { ...POST_HEADERS, cookie: cookies },
});

/** A login of somebody with a real password, from a browser that nobody knows. */
export const loginBy = ({ username }: SignedInPerson): VirtualUser => ({
  method: 'POST',
  path: '/api/trpc/auth.login',
  headers: POST_HEADERS,
  body: JSON.stringify({ username, password: PASSWORD }),
});
