import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isHeavy } from '#testing/heavy.ts';
import { errorsIn } from './kit/answers.ts';
import { arbitraryRequest } from './kit/arbitrary-request.ts';
import { arbitraryToken } from './kit/arbitrary-token.ts';
import { type FuzzApp, openFuzzApp } from './kit/fuzz-app.ts';
import type { Answer, HttpRequest } from './kit/http.ts';
import { dispatch } from './kit/socketless.ts';
import { openTarget, REFRESH, refreshTokenOf, type Target } from './kit/target.ts';

/**
 * FUZZ_RUNS says how many inputs there are in all, HEAVY asks for 104,000. A failure prints its seed and path:
 * FUZZ_SEED and FUZZ_PATH run that one again, with `-t` and the name of the test.
 */
const RUNS = Number(process.env.FUZZ_RUNS ?? (isHeavy ? 104_000 : 20_000));
const share = (part: number): fc.Parameters<unknown> => ({
  numRuns: Math.ceil(RUNS * part),
  ...(process.env.FUZZ_SEED !== undefined && { seed: Number(process.env.FUZZ_SEED) }),
  ...(process.env.FUZZ_PATH !== undefined && { path: process.env.FUZZ_PATH }),
});
const TIMEOUT = 60_000 + RUNS * 2;

let fuzzed: FuzzApp;
let issued: { access: string[]; refresh: string[] };

beforeAll(async () => {
  fuzzed = await openFuzzApp();
  issued = { access: [], refresh: [] };
  for (const name of ['ada', 'grace']) {
    const browser = fuzzed.kit.openBrowser();
    await browser.register(name);
    issued.access.push(browser.accessToken ?? '');
    issued.refresh.push(...(browser.cookies.get(REFRESH) ?? []));
  }
});
afterAll(() => fuzzed.close());

const isAccepted = (authorization: string): boolean => {
  try {
    fuzzed.kit.services.gate.identify(authorization);
    return true;
  } catch {
    return false;
  }
};

describe('no token is accepted that was not issued', () => {
  test(
    'by the gate',
    () => {
      for (const token of issued.access) expect(isAccepted(`Bearer ${token}`)).toBe(true);
      fc.assert(
        fc.property(
          arbitraryToken([...issued.access, ...issued.refresh]),
          fc.constantFrom('Bearer ', 'bearer  ', 'BEARER ', ''),
          (token, scheme) => {
            expect(isAccepted(scheme + token)).toBe(
              scheme !== '' && issued.access.includes(token.trim()) && token === token.trim(),
            );
          },
        ),
        share(0.465),
      );
    },
    TIMEOUT,
  );

  test(
    'for a refresh token',
    () => {
      const { sessions } = fuzzed.kit.services;
      for (const token of issued.refresh) expect(sessions.readRefreshToken(token)).toBeDefined();
      fc.assert(
        fc.property(arbitraryToken([...issued.refresh, ...issued.access]), (token) => {
          expect(sessions.readRefreshToken(token) !== undefined).toBe(issued.refresh.includes(token));
        }),
        share(0.465),
      );
    },
    TIMEOUT,
  );
});

const OPEN = new Set(['auth.register', 'auth.login', 'auth.logout']);

const calledBy = ({ target }: HttpRequest): string[] => {
  const [path = ''] = target.split(/[?#]/, 1);
  try {
    return decodeURIComponent(path.slice(path.lastIndexOf('/') + 1)).split(',');
  } catch {
    return [];
  }
};

/** What holds of every answer, whatever was asked without a credential that is good. */
const isSound = (request: HttpRequest, answer: Answer): void => {
  const told = JSON.stringify(answer);
  if (answer.status < 200 || answer.status >= 500) throw new Error(`It was answered with ${told}`);
  expect(answer.text).not.toMatch(/\bat .+\.(?:m?js|ts):\d+|node_modules|SQLITE_|auth_(?:users|sessions)/);
  for (const { data } of errorsIn(answer)) expect(data.code).not.toBe('INTERNAL_SERVER_ERROR');

  const [name = '', ...others] = calledBy(request);
  if (answer.setCookies.length > 0 && (others.length > 0 || !OPEN.has(name)))
    throw new Error(`It wrote cookies: ${told}`);
  if (answer.text.includes('"result"') && ![name, ...others].some((called) => OPEN.has(called))) {
    throw new Error(`It gave away ${told}`);
  }
};

/** Near a good one, and never one: those have a test of their own. */
const notIssued = (tokens: () => readonly string[]) =>
  arbitraryToken(tokens()).filter((token) => !tokens().includes(token.trim()));

test(
  'no request makes the app fail, or gives away what needs a credential',
  async () => {
    const all = () => [...issued.access, ...issued.refresh];
    const credentials = { token: notIssued(all), cookie: notIssued(all) };
    await fc.assert(
      fc.asyncProperty(arbitraryRequest(credentials), async (request) => {
        isSound(request, await dispatch(fuzzed.app, request));
        expect(fuzzed.takeDefects()).toEqual([]);
      }),
      share(0.05),
    );
  },
  TIMEOUT,
);

describe('over the wire', () => {
  let target: Target;
  beforeAll(async () => {
    target = await openTarget();
  });
  afterAll(() => target.stop());

  test(
    'no request makes the server fail, and the victim’s session lives on',
    async () => {
      const all = () => [target.victim.accessToken, refreshTokenOf(target.victim)];
      const credentials = { token: notIssued(all), cookie: notIssued(all) };
      const canBeSent = ({ target: line }: HttpRequest): boolean => /^[\u0021-\u007e]+$/.test(line);
      await fc.assert(
        fc.asyncProperty(arbitraryRequest(credentials).filter(canBeSent), async (request) => {
          isSound(request, await target.send(request));
        }),
        share(0.015),
      );
      await target.isUnharmed();
    },
    TIMEOUT,
  );

  test(
    'no bytes make it fail',
    async () => {
      const good = `POST /api/trpc/auth.claims?batch=1 HTTP/1.1\r\nHost: x\r\nx-latchkey: 1\r\nConnection: close\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`;
      const mangled = fc
        .record({ at: fc.nat(good.length), count: fc.nat(6), bytes: fc.uint8Array({ maxLength: 8 }) })
        .map(
          ({ at, count, bytes }) => good.slice(0, at) + Buffer.from(bytes).toString('latin1') + good.slice(at + count),
        );
      await fc.assert(
        fc.asyncProperty(mangled, async (bytes) => {
          const { status } = await target.sendBytes(bytes, { isAll: true });
          expect(status).toBeLessThan(500);
        }),
        share(0.005),
      );
      await target.isUnharmed();
    },
    TIMEOUT,
  );
});
