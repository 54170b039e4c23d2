import type { BenchContext } from './context.ts';
import { BROWSER_HEADERS } from './latchkey.ts';
import type { VirtualUser } from './load/plan.ts';
import type { ServerProcess } from './server-process.ts';
import { letIn } from './visitors.ts';

const PASSWORD = 'correct horse battery staple';

const emailOf = (index: number): string => `person${index}@mail.example`;

export interface BetterAuthOptions {
  databaseUrl: string;
  people: number;
  /**
   * Whether sessions are read from a signed cookie, which learns of a revocation up to 5 minutes late.
   * @default false
   */
  cookieCache?: boolean;
}

export interface BetterAuthPeer {
  server: ServerProcess;
  /** Everybody's cookies, as the `Cookie` header has them. */
  visitors: readonly string[];
}

/** better-auth beside bare tRPC on Express, with people who are signed in. */
export const startBetterAuth = async (
  context: BenchContext,
  { databaseUrl, people, cookieCache = false }: BetterAuthOptions,
): Promise<BetterAuthPeer> => {
  const server = await context.startServer({
    name: 'better-auth',
    program: 'betterAuth',
    readyPath: '/ready',
    env: { DATABASE_URL: databaseUrl, COOKIE_CACHE: cookieCache ? 'on' : 'off' },
  });
  const visitors = await letIn(server, people, (index) => ({
    path: '/api/auth/sign-up/email',
    body: { name: 'Ada Lovelace', email: emailOf(index), password: PASSWORD },
  }));
  return { server, visitors };
};

/** The nearest that it has to a refresh: who I am, and the cookie anew when it is time. */
export const getSessionBy = (cookie: string): VirtualUser => ({
  method: 'GET',
  path: '/api/auth/get-session',
  headers: { ...BROWSER_HEADERS, cookie },
});

/** It asks for an origin. */
export const signInBy = (index: number, origin: string): VirtualUser => ({
  method: 'POST',
  path: '/api/auth/sign-in/email',
  headers: { ...BROWSER_HEADERS, 'content-type': 'application/json', origin },
  body: JSON.stringify({ email: emailOf(index), password: PASSWORD }),
});
