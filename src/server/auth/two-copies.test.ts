import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTestKeys } from '#testing/auth.ts';
import type { AuthContext } from './context.ts';
import type { ProcedureMeta } from './trpc/procedures.ts';

/** What `require` finds of tRPC is another copy than what `import` finds. */
const required: (name: string) => Record<string, unknown> = createRequire(import.meta.url);

/** The modules once more, as a bundler gives them to another part of an app. */
const loadCopy = async ({ hasOwnTrpc }: { hasOwnTrpc: boolean }) => {
  vi.resetModules();
  for (const name of ['@trpc/server', '@trpc/server/http']) {
    if (hasOwnTrpc) vi.doMock(name, () => required(name));
    else vi.doUnmock(name);
  }
  return {
    trpc: await import('@trpc/server'),
    stack: await import('./index.ts'),
    passwords: await import('./features/passwords/index.ts'),
    sqlite: await import('./sqlite.ts'),
    fetch: await import('./http/fetch.ts'),
    ownGate: await import('./trpc/own-gate.ts'),
  };
};

type Copy = Awaited<ReturnType<typeof loadCopy>>;

/** The auth of one copy under a router of the other, which has the auth's own procedures as well. */
const openApp = (first: Copy, second: Copy) => {
  const refused: unknown[] = [];
  const auth = first.stack.createAuth({
    database: first.sqlite.sqlite(':memory:'),
    publicUrl: 'https://app.example',
    ...createTestKeys(),
    features: [first.passwords.passwords()],
    onSignUp: () => {
      throw new second.trpc.TRPCError({ code: 'FORBIDDEN', message: 'By invitation only.' });
    },
    onEvent: ({ event, ...more }) => {
      if (event === 'access.refused') refused.push(more);
    },
  });
  const t = second.trpc.initTRPC
    .context<AuthContext>()
    .meta<ProcedureMeta>()
    .create(second.stack.trpcOptions({ auth }));
  const router = t.router({
    ...auth.routers,
    secret: t.procedure.concat(second.stack.protectedProcedure).query(() => 'secret'),
  });
  return { auth, router, refused };
};

const requestToRegister = (body: string, headers: Record<string, string> = {}) =>
  new Request('https://app.example/trpc/auth.register', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...headers },
    body,
  });

describe.each([
  { of: 'the stack', hasOwnTrpc: false },
  { of: 'the stack and of tRPC', hasOwnTrpc: true },
])('two copies of $of', ({ hasOwnTrpc }) => {
  let first: Copy;
  let second: Copy;
  let app: ReturnType<typeof openApp>;
  beforeEach(async () => {
    first = await loadCopy({ hasOwnTrpc: false });
    second = await loadCopy({ hasOwnTrpc });
    app = openApp(first, second);
  });
  afterEach(async () => {
    await app.auth.stop();
    vi.doUnmock('@trpc/server');
    vi.doUnmock('@trpc/server/http');
  });

  /** What a client is told by the handler of either copy. */
  const answers = async (request: () => Request) => {
    const { auth, router } = app;
    const handlers = [first, second].map(({ fetch }) => fetch.createFetchHandler({ auth, router }));
    return await Promise.all(
      handlers.map(async (handle) => {
        const asked = request();
        const response = await handle(asked);
        const { error } = await response.json();
        const records = [first, second].map(({ stack }) => stack.requestRecordOf(asked));
        return { error, requestId: response.headers.get('x-request-id'), records };
      }),
    );
  };

  test('are two', () => {
    expect(first.stack.createAuth).not.toBe(second.stack.createAuth);
    expect(first.trpc.TRPCError === second.trpc.TRPCError).toBe(!hasOwnTrpc);
  });

  test('say of an input what is wrong with it', async () => {
    const input = { username: 'ada', email: 'no address', password: 'correct horse battery' };
    for (const { error, requestId } of await answers(() => requestToRegister(JSON.stringify(input)))) {
      expect(error).toMatchObject({
        message: 'Some of the input is not right. Check the fields.',
        data: { requestId, fields: { fieldErrors: { email: ['Enter an e-mail like name@example.com.'] } } },
      });
    }
  });

  test('let out what the app says by an error of its own', async () => {
    const input = { username: 'ada', email: 'ada@mail.example', password: 'correct horse battery' };
    for (const { error } of await answers(() => requestToRegister(JSON.stringify(input)))) {
      expect(error).toMatchObject({ message: 'By invitation only.', data: { code: 'FORBIDDEN' } });
    }
  });

  test('name the request of what is refused before there is a context, in words of their own', async () => {
    for (const { error, requestId } of await answers(() => requestToRegister('{}', { 'content-encoding': 'gzip' }))) {
      expect(error).toMatchObject({ message: 'Send the body as it is, not compressed.', data: { requestId } });
    }
  });

  test('know the reason of what the other refused, and of a request what the other has recorded', async () => {
    for (const path of ['secret', 'user.me']) {
      for (const { error, records } of await answers(() => new Request(`https://app.example/trpc/${path}`))) {
        expect(error).toMatchObject({ data: { reason: 'access_token_missing' } });
        const record = expect.objectContaining({ procedures: [path], refusals: ['access_token_missing'] });
        expect(records).toEqual([record, record]);
      }
    }
    expect(app.refused).toMatchObject(
      ['secret', 'secret', 'user.me', 'user.me'].map((procedure) => ({ procedure, reason: 'access_token_missing' })),
    );
  });

  test('know what was refused at a gate of the other, and in which call', () => {
    const request = {
      id: 'test',
      authorization: undefined,
      address: null,
      userAgent: null,
      isSoleCall: true,
      isDisconnected: () => false,
      identify: () => {},
    };
    const call = { request, path: 'sessions.revoke' };
    const error = first.ownGate.atOwnGate(first.stack.refuse('reauthentication_required'), call);
    expect(second.ownGate.isOfOwnGate(error, call)).toBe(true);
    expect(second.ownGate.isOfOwnGate(error, { ...call, path: 'user.me' })).toBe(false);
    expect(second.ownGate.isOfOwnGate(error, { ...call, request: { ...request } })).toBe(false);
    expect(second.stack.reasonOf(error)).toBe('reauthentication_required');
  });
});
