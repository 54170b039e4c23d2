import { createTRPCClient, httpBatchStreamLink } from '@trpc/client';
import { initTRPC } from '@trpc/server';
import { octetInputParser } from '@trpc/server/http';
import {
  type AuthContext,
  coreRouters,
  freshProcedure,
  type ProcedureMeta,
  protectedProcedure,
  trpcOptions,
} from 'latchkey/server';
import { passwordRouters } from 'latchkey/server/passwords';
import superjson from 'superjson';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod/v4';
import { createStore } from '#server/database/index.ts';
import { createTestAuth, TEST_PASSWORD, type TestAuth } from '#testing/auth.ts';
import { HOSTS, startWireServer, type WireServer } from '#testing/wire.ts';
import { createAuthClient } from '../auth-client.ts';
import { reasonOf } from '../errors.ts';
import { reauthenticate } from '../features/step-up/index.ts';

const MAX_UPLOAD_BYTES = 300_000;

const t = initTRPC
  .context<AuthContext>()
  .meta<ProcedureMeta>()
  .create(trpcOptions({ transformer: superjson }));
const procedure = t.procedure.concat(protectedProcedure);

/** What the resolvers were given, in order. */
const ran: unknown[] = [];

const routes = t.router({
  ...coreRouters,
  auth: { ...coreRouters.auth, ...passwordRouters.auth },
  count: procedure.input(z.array(z.string())).query(({ input }) => {
    ran.push(input.length);
    return input.length;
  }),
  add: procedure.input(z.object({ texts: z.array(z.string()), at: z.date() })).mutation(({ input }) => {
    ran.push(input.at);
    return input.texts.length;
  }),
  purge: t.procedure
    .concat(freshProcedure())
    .input(z.string())
    .mutation(({ input }) => {
      ran.push(input);
      return input;
    }),
  sendForm: procedure.input(z.instanceof(FormData)).mutation(async ({ input }) => {
    const file = input.get('file');
    const size = file instanceof Blob ? (await file.arrayBuffer()).byteLength : undefined;
    ran.push([input.get('title'), size]);
    return { title: input.get('title'), size };
  }),
  sendBytes: procedure.input(octetInputParser).mutation(async ({ input }) => {
    let size = 0;
    const parts: AsyncIterable<Uint8Array> = input;
    for await (const part of parts) size += part.length;
    ran.push(size);
    return size;
  }),
});

/** A page with its cookies, signed in. What it sends is noted by its method and path. */
const openPage = async (url: string, username: string) => {
  const cookies = new Map<string, string>();
  const requests: string[] = [];
  const auth = createAuthClient({
    url: `${url}/api/trpc`,
    transformer: superjson,
    environment: {
      async fetch(input, init) {
        const headers = new Headers(init?.headers);
        headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
        const { pathname } = new URL(input instanceof Request ? input.url : input);
        requests.push(`${init?.method ?? 'GET'} ${pathname.replace('/api/trpc/', '')}`);
        const response = await fetch(input, { ...init, headers });
        for (const line of response.headers.getSetCookie()) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          cookies.set(name, value);
        }
        return response;
      },
      // Nothing happens by itself: tokens expire by the server's clock, and are renewed when they are refused.
      setTimer: () => () => undefined,
      hint: { read: () => null, write: () => undefined, remove: () => undefined },
      isVisible: () => true,
    },
  });
  await auth.signUp({ username, email: `${username}@mail.example`, password: TEST_PASSWORD });
  requests.length = 0;
  return { auth, client: createTRPCClient<typeof routes>({ links: auth.links() }), requests };
};

/** Somebody at the shell. */
const SHELL = { id: 'shell', address: null, userAgent: null };

const texts = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}`.padStart(36, '0'));

const formOf = (bytes: number): FormData => {
  const form = new FormData();
  form.set('title', 'Größe');
  form.set('file', new Blob([new Uint8Array(bytes)]), 'a.bin');
  return form;
};

let kit: TestAuth;
let close: () => Promise<void>;
beforeAll(async () => {
  const database = createStore({ dataDir: 'memory:', poolSize: 1 });
  kit = await createTestAuth({ database });
  close = () => database.close();
});
afterAll(async () => {
  await kit.stop();
  await close();
});

describe.each(HOSTS)('on %s', (host) => {
  let server: WireServer;
  let page: Awaited<ReturnType<typeof openPage>>;
  beforeAll(async () => {
    server = await startWireServer(kit.auth, routes, { host, uploads: { maxBytes: MAX_UPLOAD_BYTES } });
    page = await openPage(server.url, `${host}_ada`);
  });
  beforeEach(() => {
    ran.length = 0;
    page.requests.length = 0;
  });
  afterAll(async () => {
    page.auth.stop();
    await server.close();
  });
  const expireToken = (): void => kit.clock.advance(16 * 60_000);

  test('a query whose input fits into no address goes by POST, and small ones beside it in a batch', async () => {
    const { client, requests } = page;
    const answers = [client.count.query(texts(2)), client.count.query(texts(2_000)), client.count.query(texts(3))];
    expect(await Promise.all(answers)).toEqual([2, 2_000, 3]);
    expect(requests.toSorted()).toEqual(['GET count,count', 'POST count']);
  });

  test('a large input that meets an expired token is sent once more, as a query and as a mutation', async () => {
    const { client, requests } = page;
    expireToken();
    const at = new Date(0);
    const answers = [client.count.query(texts(2_000)), client.add.mutate({ texts: texts(2_000), at })];
    expect(await Promise.all(answers)).toEqual([2_000, 2_000]);
    expect(requests.toSorted()).toEqual(['POST add', 'POST add', 'POST auth.refresh', 'POST count', 'POST count']);
    expect(ran).toHaveLength(2);
    expect(ran).toContainEqual(at);
  });

  test('in a batch that streams only what asks for a proof waits: one prompt, and each resolver once', async () => {
    const { auth, requests } = page;
    const client = createTRPCClient<typeof routes>({ links: [auth.link(), httpBatchStreamLink(auth.httpOptions())] });
    expireToken();
    await client.count.query([]);
    ran.length = requests.length = 0;

    const prompts: (() => void)[] = [];
    const stopHandling = auth.onReauthenticate(
      () =>
        new Promise((resolve, reject) => {
          prompts.push(() => void reauthenticate(auth, { password: TEST_PASSWORD }).then(resolve, reject));
        }),
    );
    const at = new Date(0);
    const first = client.purge.mutate('first');
    const other = client.add.mutate({ texts: ['text'], at });
    const second = client.purge.mutate('second');
    expect(await other).toBe(1);
    await vi.waitFor(() => expect(prompts).toHaveLength(1));
    expect(ran).toEqual([at]);

    prompts[0]?.();
    expect(await Promise.all([first, second])).toEqual(['first', 'second']);
    expect(ran).toEqual([at, 'first', 'second']);
    expect(requests).toEqual(['POST purge,add,purge', 'POST auth.reauthenticate', 'POST purge,purge']);
    expect(prompts).toHaveLength(1);
    stopHandling();
  });

  const UPLOADS = {
    'a form': () => page.client.sendForm.mutate(formOf(200_000)),
    'a file': () => page.client.sendBytes.mutate(new Blob([new Uint8Array(200_000)])),
    bytes: () => page.client.sendBytes.mutate(new Uint8Array(200_000)),
  };

  test.each(['a form', 'a file', 'bytes'] as const)(
    '%s that meets an expired token is sent once more',
    async (kind) => {
      expireToken();
      const answer = await UPLOADS[kind]();
      expect(answer).toEqual(kind === 'a form' ? { title: 'Größe', size: 200_000 } : 200_000);
      const path = kind === 'a form' ? 'sendForm' : 'sendBytes';
      expect(page.requests).toEqual([`POST ${path}`, 'POST auth.refresh', `POST ${path}`]);
      expect(ran).toHaveLength(1);
    },
  );

  test('an upload that is too large is refused as such, and not sent again', async () => {
    const error: unknown = await page.client.sendBytes
      .mutate(new Blob([new Uint8Array(8_000_000)]))
      .catch((failure: unknown) => failure);
    expect(error).toMatchObject({ data: { code: 'PAYLOAD_TOO_LARGE' } });
    expect(page.requests).toEqual(['POST sendBytes']);
    expect(ran).toEqual([]);
  });

  test('after the session has ended, an upload fails with the reason of the refusal', async () => {
    const name = `${host}_bob`;
    const { auth, client, requests } = await openPage(server.url, name);
    const state = auth.getState();
    if (state.status !== 'authenticated') throw new Error('Nobody is signed in.');
    await kit.services.sessionEnding.endAll(SHELL, state.user.id, 'ended_by_admin');
    const error: unknown = await client.sendForm.mutate(formOf(10)).catch((refusal: unknown) => refusal);
    expect(reasonOf(error)).toBe('session_revoked');
    expect(requests).toEqual(['POST sendForm']);
    auth.stop();
  });
});

test('a stream of the web is no input of tRPC: no byte of it arrives, and the resolver does not run', async () => {
  const server = await startWireServer(kit.auth, routes, { uploads: true });
  const { auth, client } = await openPage(server.url, 'streaming');
  ran.length = 0;
  const stream = new Blob(['bytes']).stream();
  // @ts-expect-error -- it is none by its type: bytes, files and forms are, and can be sent twice
  const error: unknown = await client.sendBytes.mutate(stream).catch((refusal: unknown) => refusal);
  expect(error).toMatchObject({ data: { code: 'BAD_REQUEST' } });
  expect([stream.locked, ran]).toEqual([false, []]);
  auth.stop();
  await server.close();
});
