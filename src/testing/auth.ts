import { createHash, randomBytes } from 'node:crypto';
import type { TRPCRouterRecord } from '@trpc/server';
import {
  type Auth,
  type AuthContext,
  type AuthEvent,
  type AuthOptions,
  type CookieJar,
  coreRouters,
  createCallerFactory,
  createSecretKeySet,
  type Feature,
  router,
  type Store,
} from 'latchkey/server';
import { audit, auditRouters } from 'latchkey/server/audit';
import { type MailEvent, mail, mailRouters } from 'latchkey/server/mail';
import {
  type PasswordEvent,
  type PasswordHasher,
  type PasswordOptions,
  type PasswordService,
  passwordRouters,
  passwords,
  passwordsOf,
} from 'latchkey/server/passwords';
import { type RecoveryEvent, recovery, recoveryRouters } from 'latchkey/server/recovery';
import type { NextStep, SessionGrant } from 'latchkey/shared';
import { assembleAuth } from '#server/auth/create-auth.ts';
import { createTestClock, type TestClock } from './clock.ts';

/** Says what it should, at once. The real one is tested by itself. */
const quickHasher: PasswordHasher = {
  hash: async (password) => `quick$${createHash('sha256').update(password).digest('base64url')}`,
  verify: async (hash, password) => hash === (await quickHasher.hash(password)),
  isOutdated: (hash) => !hash.startsWith('quick$'),
};

export const createTestSecret = (): string => randomBytes(32).toString('base64url');

export const testRouter = router({
  ...coreRouters,
  ...auditRouters,
  auth: { ...coreRouters.auth, ...passwordRouters.auth, ...mailRouters.auth, ...recoveryRouters.auth },
  user: { ...coreRouters.user, ...mailRouters.user },
});

/** What several processes on one store share. */
export const createTestKeys = () => ({
  accessTokenKeys: createSecretKeySet([createTestSecret()]),
  refreshTokenKeys: createSecretKeySet([createTestSecret()]),
  dataSecrets: [createTestSecret()],
});

const createCaller = createCallerFactory(testRouter);

export interface TestAuth {
  auth: Auth;
  /** What stands behind it. */
  services: ReturnType<typeof assembleAuth>['services'] & { passwords: PasswordService };
  clock: TestClock;
  /** What was reported, in order. */
  events: AuthEvent<PasswordEvent | MailEvent | RecoveryEvent>[];
  /** Somebody's browser: it keeps cookies, and sends the access token it was given last. */
  openBrowser(): TestBrowser;
  /** Calls in a context of its own making. */
  callWith(context: AuthContext): ReturnType<typeof createCaller>;
  stop(): Promise<void>;
}

export interface TestBrowser {
  /** What the browser would send. Several values of one name are a planted cookie. */
  cookies: Map<string, readonly string[]>;
  accessToken: string | undefined;
  isGone: boolean;
  context(): AuthContext;
  call(): ReturnType<typeof createCaller>;
  register(username: string): Promise<void>;
  login(username: string): Promise<void>;
  refresh(): Promise<void>;
}

export const TEST_PASSWORD = 'correct horse battery staple';

/** What a call answered that was to sign in. */
export const grantIn = (answer: SessionGrant | NextStep): SessionGrant => {
  if ('next' in answer) throw new Error(`It asks for a next step: ${answer.next}.`);
  return answer;
};

/** A jar over a browser's cookies: what is set is what the next request sends. */
const createTestJar = (cookies: Map<string, readonly string[]>): CookieJar => ({
  values: (name) => cookies.get(name) ?? [],
  set: (name, value, { maxAge }) => {
    if (maxAge > 0) cookies.set(name, [value]);
    else cookies.delete(name);
  },
});

/** One that reports nothing of its own. */
export type QuietFeature = Feature<TRPCRouterRecord, string, never>;

/**
 * The stack over a store, with a clock that stands. Several of them on one store and with the same keys are several
 * processes.
 */
export const createTestAuth = async (
  { database }: { database: Store },
  {
    hasher = quickHasher,
    refusedWords = [],
    features = [audit()],
    ...options
  }: Partial<AuthOptions> & PasswordOptions & { features?: readonly QuietFeature[] } = {},
): Promise<TestAuth> => {
  const clock = createTestClock();
  const events: AuthEvent<PasswordEvent | MailEvent | RecoveryEvent>[] = [];

  const { auth, services } = assembleAuth({
    database,
    clock,
    // A test that lets half a minute pass, or half an hour, meets no purging.
    random: () => 0.999,
    publicUrl: 'https://app.example',
    ...createTestKeys(),
    features: [passwords({ hasher, refusedWords }), mail(), recovery(), ...features],
    rateLimit: false,
    onEvent: (event) => events.push(event),
    ...options,
  });
  // It is its caller's, who may look into it afterwards.
  await database.open();
  await auth.start();

  const openBrowser = (): TestBrowser => {
    const browser: TestBrowser = {
      cookies: new Map(),
      accessToken: undefined,
      isGone: false,
      context: () => ({
        auth,
        request: {
          id: randomBytes(8).toString('hex'),
          authorization: browser.accessToken === undefined ? undefined : `Bearer ${browser.accessToken}`,
          address: '192.0.2.1',
          userAgent: 'test',
          isSoleCall: true,
          isDisconnected: () => browser.isGone,
          identify: () => {},
        },
        cookies: createTestJar(browser.cookies),
      }),
      call: () => createCaller(browser.context()),
      register: async (username) => {
        const input = { username, email: `${username}@mail.example`, password: TEST_PASSWORD };
        browser.accessToken = grantIn(await browser.call().auth.register(input)).accessToken;
      },
      login: async (username) => {
        browser.accessToken = (await browser.call().auth.login({ username, password: TEST_PASSWORD })).accessToken;
      },
      refresh: async () => {
        browser.accessToken = (await browser.call().auth.refresh()).accessToken;
      },
    };
    return browser;
  };

  return {
    auth,
    services: { ...services, passwords: passwordsOf(auth) },
    clock,
    events,
    openBrowser,
    callWith: (context) => createCaller(context),
    stop: () => auth.stop(),
  };
};

/** The same person's access token, used at another process. */
export const elsewhere = ({ openBrowser }: TestAuth, { accessToken }: TestBrowser): TestBrowser => {
  const browser = openBrowser();
  browser.accessToken = accessToken;
  return browser;
};
