import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { type AppServer, startAppServer } from '#testing/app-server.ts';
import { accessTokenIn, cookieHeader, cookiesIn, reasonIn } from './answers.ts';
import { readParts } from './forge.ts';
import { type Answer, createHttpClient, type HeaderLines, type HttpRequest, readAnswer } from './http.ts';

export const OWN_ORIGIN = 'https://app.example.com';
export const LISTED_ORIGIN = 'https://listed.example.org';
export const REFRESH = '__Host-refresh';
export const HINT = '__Host-session_hint';
export const DEVICE = '__Host-device';

/** Somebody with an account, and the browser they are signed in with. */
export interface Person {
  username: string;
  email: string;
  password: string;
  accessToken: string;
  cookies: Map<string, string>;
}

export interface Target {
  server: AppServer;
  victim: Person;
  /** One request, whose answer is searched for secrets afterwards. */
  send(request: HttpRequest): Promise<Answer>;
  /** A mutation as a client that is no browser sends it. */
  mutate(procedure: string, input?: unknown, headers?: HeaderLines): Promise<Answer>;
  query(path: string, headers?: HeaderLines): Promise<Answer>;
  sendBytes(bytes: string, options?: { isAll?: boolean }): Promise<Answer>;
  register(): Promise<Person>;
  /** Something that must be in no answer and in no log from now on. */
  keepSecret(...secrets: readonly string[]): void;
  /**
   * The shared end of every attack: the victim's session works (or is over, if the attack is meant to end it), the
   * process lives, and nothing leaked.
   */
  isUnharmed(victim?: 'works' | 'ended'): Promise<void>;
  stop(): Promise<void>;
}

export const bearer = ({ accessToken }: Person): { authorization: string } => ({
  authorization: `Bearer ${accessToken}`,
});

export const cookieOf = ({ cookies }: Person): { cookie: string } => ({ cookie: cookieHeader(cookies) });

export const refreshTokenOf = ({ cookies }: Person): string => cookies.get(REFRESH) ?? '';

const JSON_CALL = { 'x-latchkey': '1', 'content-type': 'application/json' };

/** Each from an address of its own, so that only the attacks on the limits meet them. */
const somewhere = (): string => `2001:db8:${[...randomBytes(6)].map((byte) => byte.toString(16)).join(':')}`;

const MIN_SECRET = 8;

/** What only a stack, a library or the store says. */
const INNARDS = /\bat .+\.(?:m?js|ts):\d+|node_modules|SQLITE_|sqlite3|auth_(?:users|sessions)/i;

/** The whole production server, behind a proxy that it trusts, with a victim who is signed in. */
export const openTarget = async (env: NodeJS.ProcessEnv = {}): Promise<Target> => {
  const server = await startAppServer({
    PUBLIC_URL: OWN_ORIGIN,
    ALLOWED_ORIGINS: LISTED_ORIGIN,
    TRUST_PROXY: 'loopback',
    ...env,
  });
  const http = createHttpClient(Number(new URL(server.url).port));
  const { accessTokenSecrets = [], refreshTokenSecrets = [] } = server.config;
  const secrets = new Set<string>([...accessTokenSecrets, ...refreshTokenSecrets]);
  const accessTokens = new Set<string>();
  const seen: Answer[] = [];
  let logRead = 0;
  let count = 0;

  const keepSecret = (...values: readonly string[]): void => {
    for (const value of values) if (value.length >= MIN_SECRET) secrets.add(value);
  };
  const keepGrant = (person: Person, answer: Answer): void => {
    for (const [name, value] of cookiesIn(answer)) person.cookies.set(name, value);
    person.accessToken = accessTokenIn(answer);
    const { claims } = readParts(refreshTokenOf(person));
    accessTokens.add(person.accessToken);
    keepSecret(person.accessToken, refreshTokenOf(person), person.cookies.get(DEVICE) ?? '');
    keepSecret(String(claims.sid), String(claims.sec));
  };
  const call = (procedure: string, input: unknown, headers: HeaderLines = {}): Promise<Answer> =>
    http.send({
      method: 'POST',
      target: `/api/trpc/${procedure}`,
      headers: { ...JSON_CALL, 'x-forwarded-for': somewhere(), ...headers },
      ...(input !== undefined && { body: JSON.stringify(input) }),
    });
  const watch = async (answering: Promise<Answer>): Promise<Answer> => {
    const answer = await answering;
    seen.push(answer);
    return answer;
  };

  const register = async (): Promise<Person> => {
    const username = `person_${(count += 1)}`;
    const password = randomBytes(12).toString('base64url');
    const identity = { username, email: `${username}@mail.example`, password };
    keepSecret(password);
    const person = { ...identity, accessToken: '', cookies: new Map<string, string>() };
    keepGrant(person, await call('auth.register', identity));
    return person;
  };
  const victim = await register();

  const checkVictim = async (expected: 'works' | 'ended'): Promise<void> => {
    const me = await call('auth.refresh', undefined, cookieOf(victim));
    const known = await http.send({ target: '/api/trpc/user.me', headers: bearer(victim) });
    if (expected === 'works') {
      expect(me, 'the victim’s refresh').toMatchObject({ status: 200 });
      expect(known, 'the victim’s access token').toMatchObject({ status: 200 });
      keepGrant(victim, me);
      return;
    }
    expect(reasonIn(me)).toMatch(/^(?:session_revoked|refresh_token_reused)$/);
    expect(reasonIn(known)).toBe('session_revoked');
    const { username, password } = victim;
    keepGrant(victim, await call('auth.login', { username, password }));
  };

  const checkSecrets = (): void => {
    const answers = seen.splice(0);
    const log = server.log.text();
    const freshLog = log.slice(logRead);
    logRead = log.length;
    for (const secret of secrets) {
      expect(freshLog.includes(secret), 'a secret is in the log').toBe(false);
      // An access token is what a grant is for; in a refusal it has leaked.
      const searched = accessTokens.has(secret) ? answers.filter(({ status }) => status >= 400) : answers;
      for (const { text } of searched) expect(text.includes(secret), 'a secret is in a body').toBe(false);
    }
    expect(freshLog).not.toMatch(/eyJ[\w-]{8}/);
    for (const { text } of answers) expect(text).not.toMatch(INNARDS);
  };

  return {
    server,
    victim,
    register,
    keepSecret,
    send: (request) =>
      watch(http.send({ ...request, headers: { 'x-forwarded-for': somewhere(), ...request.headers } })),
    mutate: (procedure, input, headers) => watch(call(procedure, input, headers)),
    query: (path, headers = {}) =>
      watch(http.send({ target: `/api/trpc/${path}`, headers: { 'x-forwarded-for': somewhere(), ...headers } })),
    sendBytes: (bytes, options) => watch(http.sendBytes(bytes, options).then(readAnswer)),
    isUnharmed: async (expected = 'works') => {
      await checkVictim(expected);
      expect(await http.send({ target: '/healthz' })).toMatchObject({ status: 200 });
      checkSecrets();
    },
    stop: async () => {
      http.close();
      await server.stop();
    },
  };
};
