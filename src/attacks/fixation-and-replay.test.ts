import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessTokenIn, cookieHeader, cookiesIn, reasonIn } from './kit/answers.ts';
import { readParts } from './kit/forge.ts';
import type { Answer } from './kit/http.ts';
import {
  bearer,
  cookieOf,
  DEVICE,
  HINT,
  openTarget,
  type Person,
  REFRESH,
  refreshTokenOf,
  type Target,
} from './kit/target.ts';
import { withstand } from './kit/withstand.ts';

/**
 * What takes time (rotation, reuse, idle and absolute ends) is in auth-router.test.ts and in races.test.ts, by a clock
 * that stands.
 */
let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target.stop());

const signIn = (at: Target, { username, password }: Person, headers = {}): Promise<Answer> =>
  at.mutate('auth.login', { username, password }, headers);

const ends = { status: 200, victim: 'ended' } as const;
let others = 0;
const newcomer = () => ({
  username: `newcomer_${(others += 1)}`,
  email: `newcomer_${others}@mail.example`,
  password: 'a newcomers own words',
});

describe('a session is over for cookie and access token alike', () => {
  withstand(
    () => target,
    [
      {
        what: 'after a logout by its cookie',
        run: (at) => at.mutate('auth.logout', undefined, cookieOf(at.victim)),
        ...ends,
      },
      {
        what: 'after a logout by its access token alone',
        run: (at) => at.mutate('auth.logout', undefined, bearer(at.victim)),
        ...ends,
      },
      {
        what: 'after a logout by its access token beside another’s cookie',
        run: async (at) =>
          at.mutate('auth.logout', undefined, { ...cookieOf(await at.register()), ...bearer(at.victim) }),
        ...ends,
      },
      { what: 'after a login over it', run: (at) => signIn(at, at.victim, cookieOf(at.victim)), ...ends },
      {
        what: 'after a login of somebody else over it',
        run: async (at) => signIn(at, await at.register(), cookieOf(at.victim)),
        ...ends,
      },
      {
        what: 'after a registration over it',
        run: (at) => at.mutate('auth.register', newcomer(), cookieOf(at.victim)),
        ...ends,
      },
      {
        what: 'after its own end by its public id',
        run: async (at) => {
          const list = await at.query('sessions.list', bearer(at.victim));
          const id = /"id":"([^"]+)","current":true/.exec(list.text)?.[1];
          return at.mutate('sessions.revoke', { id }, bearer(at.victim));
        },
        ...ends,
      },
      {
        what: 'after “end all others” from another device',
        run: async (at) => {
          const signedIn = await signIn(at, at.victim);
          return at.mutate('sessions.revokeOthers', undefined, {
            authorization: `Bearer ${accessTokenIn(signedIn)}`,
            cookie: cookieHeader(cookiesIn(signedIn)),
          });
        },
        ...ends,
      },
    ],
  );
});

describe('what is refused ends nothing', () => {
  withstand(
    () => target,
    [
      {
        what: 'a login with a wrong password over the session',
        run: (at) => signIn(at, { ...at.victim, password: 'wrong words' }, cookieOf(at.victim)),
        status: 401,
        reason: 'invalid_credentials',
      },
      {
        what: 'a login with an input that is none',
        run: (at) => at.mutate('auth.login', { username: at.victim.username }, cookieOf(at.victim)),
        status: 400,
        reason: 'BAD_REQUEST',
      },
      {
        what: 'a registration of a name that is taken',
        run: (at) => at.mutate('auth.register', { ...newcomer(), username: at.victim.username }, cookieOf(at.victim)),
        status: 409,
        reason: 'username_taken',
      },
      {
        what: 'a registration of an e-mail that is taken',
        run: (at) => at.mutate('auth.register', { ...newcomer(), email: at.victim.email }, cookieOf(at.victim)),
        status: 409,
        reason: 'email_taken',
      },
      {
        what: 'a registration with a common password',
        run: (at) => at.mutate('auth.register', { ...newcomer(), password: 'password1' }, cookieOf(at.victim)),
        status: 400,
        reason: 'password_too_common',
      },
      {
        what: 'a logout by two cookies',
        run: (at) =>
          at.mutate('auth.logout', undefined, { cookie: `${REFRESH}=${refreshTokenOf(at.victim)}; ${REFRESH}=x` }),
        status: 200,
      },
      {
        what: 'a login over two cookies',
        run: async (at) =>
          signIn(at, await at.register(), { cookie: `${REFRESH}=${refreshTokenOf(at.victim)}; ${REFRESH}=x` }),
        status: 200,
      },
      {
        what: 'a logout by an access token that is none',
        run: (at) => at.mutate('auth.logout', undefined, { authorization: `Bearer ${at.victim.accessToken}x` }),
        status: 200,
      },
      {
        what: 'a logout by a refresh token in the header of access tokens',
        run: (at) => at.mutate('auth.logout', undefined, { authorization: `Bearer ${refreshTokenOf(at.victim)}` }),
        status: 200,
      },
      {
        what: 'the end of a session that is somebody else’s',
        run: async (at) => {
          const attacker = await at.register();
          const id = String(readParts(at.victim.accessToken).claims.sid);
          return at.mutate('sessions.revoke', { id }, { ...bearer(attacker), ...cookieOf(attacker) });
        },
        status: 404,
        reason: 'NOT_FOUND',
      },
      {
        what: 'a hundred refreshes at once',
        run: async (at) =>
          (
            await Promise.all(
              Array.from({ length: 100 }, () => at.mutate('auth.refresh', undefined, cookieOf(at.victim))),
            )
          ).find(({ status }) => status !== 200) ?? at.query('auth.claims', bearer(at.victim)),
        status: 200,
      },
    ],
  );
});

describe('an attacker who plants cookies before a login', () => {
  test('shares no session with the person who signs in, and loses the one that was planted', async () => {
    const attacker = await target.register();
    const planted = new Map(attacker.cookies);
    const { username, password } = await target.register();
    const answer = await target.mutate(
      'auth.login',
      { username, password },
      cookieOf({ ...attacker, cookies: planted }),
    );
    const got = cookiesIn(answer);
    const sidOf = (token: string) => readParts(token).claims.sid;
    expect(sidOf(got.get(REFRESH) ?? '')).not.toBe(sidOf(refreshTokenOf(attacker)));
    expect(got.get(HINT)).not.toBe(attacker.cookies.get(HINT));
    const replayed = await target.mutate('auth.refresh', undefined, {
      cookie: `${REFRESH}=${refreshTokenOf(attacker)}`,
    });
    expect(reasonIn(replayed)).toBe('session_revoked');
    await target.isUnharmed();
  });

  test('chooses neither session nor hint', async () => {
    const { username, password } = await target.register();
    const chosen = { cookie: `${REFRESH}=chosen; ${HINT}=chosenbyevil; sid=chosen` };
    const answer = await target.mutate('auth.login', { username, password }, { ...chosen, 'x-session-id': 'chosen' });
    expect(JSON.stringify(answer)).not.toContain('chosen');
    await target.isUnharmed();
  });

  test('is not known by the device that was planted once its owner has another', async () => {
    const attacker = await target.register();
    const person = await target.register();
    const answer = await signIn(target, person, { cookie: `${DEVICE}=${attacker.cookies.get(DEVICE)}x` });
    expect(cookiesIn(answer).get(DEVICE)).not.toBe(attacker.cookies.get(DEVICE));
    await target.isUnharmed();
  });
});

test('each login starts a session of its own, and no two values are ever equal', async () => {
  const person = await target.register();
  const seen = new Set<unknown>();
  for (let round = 0; round < 20; round += 1) {
    const token = cookiesIn(await signIn(target, person)).get(REFRESH) ?? '';
    const { sid, sec } = readParts(token).claims;
    expect(String(sid)).toMatch(/^[\w-]{43}$/);
    expect(String(sec)).toMatch(/^[\w-]{43}$/);
    seen.add(sid).add(sec);
  }
  expect(seen.size).toBe(40);
  await target.isUnharmed();
});
