import { createTRPCClient } from '@trpc/client';
import { createAuthClient } from '../../src/client/auth/index.ts';
import { hintCookieName } from '../../src/shared/auth/index.ts';
import { createTestAuth, testRouter } from '../../src/testing/auth.ts';
import { quietFeed } from '../../src/testing/quiet-feed.ts';
import { startWireServer } from '../../src/testing/wire.ts';
import { openBenchStore } from '../bench-store.ts';
import type { BenchContext } from '../context.ts';
import type { Row } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import { ratiosOf, spreadOf } from '../statistics.ts';

const QUERIES = 100;
const ACCESS_TOKEN_TTL = 900_000;
const PUBLIC_URL = 'http://localhost';
const HINT = hintCookieName(new URL(PUBLIC_URL));

/** What a browser has and Node.js does not: cookies, and events of a page that is always in front and online. */
const createEnvironment = (countRequest: (path: string) => void, now: () => number) => {
  const jar = new Map<string, string>();
  const never = () => () => undefined;
  return {
    now,
    isOnline: () => true,
    isVisible: () => true,
    onConnection: never,
    onWake: never,
    onHide: never,
    hint: {
      read: () => jar.get(HINT) ?? null,
      write: (value: string) => void jar.set(HINT, value),
      remove: () => void jar.delete(HINT),
    },
    fetch: async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
      const headers = new Headers(init?.headers);
      headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
      countRequest(input instanceof Request ? input.url : input.toString());
      const response = await fetch(input, { ...init, headers });
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        jar.set(name, value);
      }
      return response;
    },
  };
};

const milliseconds = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

/** Engine, link, server and store in one process, over a real connection. */
const openClient = async (context: BenchContext) => {
  const store = await openBenchStore('sqlite');
  context.onEnd(store.remove);
  const kit = await createTestAuth(store, { feed: quietFeed, publicUrl: PUBLIC_URL });
  context.onEnd(kit.stop);
  const server = await startWireServer(kit.auth, testRouter);
  context.onEnd(server.close);

  let paths: string[] = [];
  let ahead = 0;
  const environment = createEnvironment(
    (path) => paths.push(path),
    () => Date.now() + ahead,
  );
  const url = `${server.url}/api/trpc`;
  const auth = createAuthClient({ url, environment });
  context.onEnd(async () => auth.stop());
  const client = createTRPCClient<typeof testRouter>({ links: auth.links() });
  const input = { username: 'ada', email: 'ada@mail.example', password: 'correct horse battery staple' };
  await auth.signUp(input);

  const ask = () => Promise.all(Array.from({ length: QUERIES }, () => client.auth.claims.query()));
  return {
    /** Milliseconds for all queries at once, and what was sent for them. */
    queries: async () => {
      paths = [];
      const took = await milliseconds(ask);
      const refreshes = paths.filter((path) => path.endsWith('auth.refresh')).length;
      return { took, refreshes, requests: paths.length };
    },
    refresh: () => milliseconds(() => client.auth.refresh.mutate()),
    /** The token expires. A client whose clock stood still, as in sleep, does not know it. */
    expire: (isKnown: boolean) => {
      kit.clock.advance(ACCESS_TOKEN_TTL);
      if (isKnown) ahead += ACCESS_TOKEN_TTL;
    },
  };
};

const compareExpiry = async (context: BenchContext, isKnown: boolean, rounds: number): Promise<Row[]> => {
  const { queries, refresh, expire } = await openClient(context);
  const extra: number[] = [];
  const allowed: number[] = [];
  const refreshes: number[] = [];
  const requests: number[] = [];
  for (let round = -3; round < rounds; round += 1) {
    expire(isKnown);
    const expired = await queries();
    const valid = await queries();
    expire(isKnown);
    const alone = await refresh();
    if (round < 0) continue; // Code that has just been compiled.
    extra.push(expired.took - valid.took);
    allowed.push(alone + valid.took);
    refreshes.push(expired.refreshes);
    requests.push(expired.requests - valid.requests);
  }
  const client = isKnown ? 'a client that knows it' : 'a client whose clock stood still';
  const what = `${QUERIES} queries at once with an expired token, ${client}`;
  return [
    {
      what: `${what}: refreshes`,
      unit: 'refreshes',
      ours: spreadOf(refreshes),
      target: { atMost: 1 },
      note: 'With ten calls, one published link made 10 to 18 refreshes, and another made none and failed all ten: docs/decisions/011-the-link-owns-cookie-procedures.md.',
    },
    { what: `${what}: requests more than with a valid one`, unit: 'requests', ours: spreadOf(requests) },
    {
      what: `${what}: time more than with a valid one`,
      unit: 'ms',
      ours: spreadOf(extra),
      comparedWith: 'one refresh and the queries once more',
      theirs: spreadOf(allowed),
      ratio: spreadOf(ratiosOf(extra, allowed)),
      target: { atMost: 1 },
    },
  ];
};

export const expiredToken: Scenario = {
  name: 'expired-token',
  title:
    'One client, whose access token is expired, asks a hundred things at once. Engine and link in one process with a real server.',
  run: async (context) => {
    const rounds = context.quick ? 3 : 50;
    return [...(await compareExpiry(context, false, rounds)), ...(await compareExpiry(context, true, rounds))];
  },
};
