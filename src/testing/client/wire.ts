import { createTRPCClient } from '@trpc/client';
import { initTRPC, TRPCError, type TrackedEnvelope, tracked } from '@trpc/server';
import { createHTTPServer } from '@trpc/server/adapters/standalone';
import { EventSource } from 'eventsource';
import type { Reason } from 'latchkey/shared';
import { afterEach } from 'vitest';
import { createAuthClient } from '#client/auth/auth-client.ts';
import { isRecord } from '#client/auth/internal/record.ts';
import { type TestReply, userOf } from '#client/auth/testing/server.ts';
import { noTransformer, type Transformer } from '#client/auth/wire/transformer.ts';

/** Stops what a test has started. */
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** One connection of a subscription, on the server's side. */
interface TestStream {
  lastEventId: unknown;
  bearer: string | undefined;
  events: AsyncGenerator<TrackedEnvelope<string>>;
  push: (id: number, data: string) => void;
  refuse: (reason: Reason, code?: 'UNAUTHORIZED' | 'SERVICE_UNAVAILABLE') => void;
  close: () => void;
  isClosed: () => boolean;
}

const createStream = ({ lastEventId, bearer }: Pick<TestStream, 'lastEventId' | 'bearer'>): TestStream => {
  const waiting: (() => TrackedEnvelope<string> | null)[] = [];
  let isClosed = false;
  let wake = (): void => undefined;
  const put = (entry: () => TrackedEnvelope<string> | null): void => {
    waiting.push(entry);
    wake();
  };
  const follow = async function* (): AsyncGenerator<TrackedEnvelope<string>> {
    for (;;) {
      const entry = waiting.shift();
      if (entry === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const event = entry();
      if (event === null) return;
      yield event;
    }
  };
  return {
    lastEventId,
    bearer,
    events: follow(),
    push: (id, data) => put(() => tracked(String(id), data)),
    refuse: (reason, code = 'UNAUTHORIZED') =>
      put(() => {
        throw new TRPCError({ code, cause: new Refusal(reason) });
      }),
    close() {
      isClosed = true;
      put(() => null);
    },
    isClosed: () => isClosed,
  };
};

class Refusal extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason);
    this.reason = reason;
  }
}

/** Back-off is shorter, and timeouts are longer. */
const MAX_WAIT_MS = 5_000;

export interface ServeOptions {
  transformer?: Transformer;
  /** Of the client, where it is another one than the router's. */
  clientTransformer?: Transformer;
}

/** A real tRPC server whose auth is a script, and a real client against it over HTTP. */
export const serve = async ({ transformer = noTransformer, clientTransformer = transformer }: ServeOptions = {}) => {
  const valid = new Set(['token-1']);
  const ran: string[] = [];
  const requests: { method: string; url: string; status: number }[] = [];
  const streams: TestStream[] = [];
  const connections: { destroy: () => void }[] = [];
  let refreshes = 0;
  let user = userOf('ada');

  const t = initTRPC.context<{ bearer: string | undefined }>().create({
    transformer,
    errorFormatter: ({ shape, error }) => ({
      ...shape,
      data: { ...shape.data, ...(error.cause instanceof Refusal ? { reason: error.cause.reason } : {}) },
    }),
  });
  const refuse = (reason: Reason): never => {
    throw new TRPCError({ code: 'UNAUTHORIZED', cause: new Refusal(reason) });
  };
  const guarded = t.procedure.use(({ ctx, next }) => {
    if (ctx.bearer === undefined) return refuse('access_token_missing');
    if (!valid.has(ctx.bearer)) return refuse('access_token_expired');
    return next();
  });
  const numbered = (input: unknown): number => (typeof input === 'number' ? input : -1);
  const router = t.router({
    echo: guarded.input(numbered).query(({ input }) => {
      ran.push(`echo ${input}`);
      return input;
    }),
    write: guarded.input(numbered).mutation(({ input }) => {
      ran.push(`write ${input}`);
      return input;
    }),
    news: t.procedure.query(() => {
      ran.push('news');
      return 'news';
    }),
    // Each connection is handed to the test, which says what is heard over it.
    onChange: guarded
      .input((input: unknown) => (isRecord(input) ? input['lastEventId'] : undefined))
      .subscription(async function* ({ input, ctx, signal }) {
        const stream = createStream({ lastEventId: input, bearer: ctx.bearer });
        streams.push(stream);
        signal?.addEventListener('abort', () => stream.close());
        yield* stream.events;
      }),
    // A query that streams, handed to the test in the same way.
    ticks: guarded.query(async function* ({ ctx, signal }) {
      const stream = createStream({ lastEventId: undefined, bearer: ctx.bearer });
      streams.push(stream);
      signal?.addEventListener('abort', () => stream.close());
      for await (const [, data] of stream.events) yield data;
    }),
    // Whatever it is given, as the server sees it.
    mirror: guarded.input((input: unknown) => input).query(({ input }) => input),
    upload: guarded
      .input((input: unknown) => input)
      .mutation(async ({ input }) => {
        if (input instanceof FormData) return Object.fromEntries(input.entries());
        return input instanceof ReadableStream ? new Response(input).text() : 'nothing';
      }),
    wave: t.procedure.mutation(() => {
      ran.push('wave');
      return 'hello';
    }),
    // Raised by the resolver: nothing about the token would mend it.
    fragile: guarded.mutation(() => {
      ran.push('fragile');
      throw new TRPCError({ code: 'UNAUTHORIZED', message: 'No.' });
    }),
    auth: t.router({
      refresh: t.procedure.mutation(() => {
        refreshes += 1;
        const accessToken = `token-${refreshes}`;
        valid.add(accessToken);
        return { accessToken, expiresIn: 900, user };
      }),
      login: t.procedure
        .input((input: unknown) => input)
        .mutation(() => {
          valid.add('token-bob');
          user = userOf('bob');
          return { accessToken: 'token-bob', expiresIn: 900, user };
        }),
    }),
  });

  const replies: { path: string; reply: TestReply }[] = [];
  const server = createHTTPServer({
    router,
    allowMethodOverride: true,
    middleware(req, res, next) {
      const index = replies.findIndex(({ path }) => req.url?.startsWith(`/${path}`));
      const [found] = index === -1 ? [] : replies.splice(index, 1);
      if (found === undefined) {
        next();
        return;
      }
      res.writeHead(found.reply.status ?? 200, { 'content-type': 'application/json' });
      res.end(JSON.stringify(found.reply.body));
    },
    createContext: ({ req }) => ({ bearer: req.headers.authorization?.replace('Bearer ', '') }),
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  server.on('connection', (socket) => connections.push(socket));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;

  let hint: string | null = 'hint-1';
  const auth = createAuthClient({
    url,
    transformer: clientTransformer,
    environment: {
      async fetch(input, init) {
        const response = await fetch(input, init);
        requests.push({
          method: init?.method ?? 'GET',
          url: (input instanceof Request ? input.url : input.toString()).slice(url.length),
          status: response.status,
        });
        return response;
      },
      // What is waited for comes at once; what is waited for at most does not come.
      setTimer(run, milliseconds) {
        if (milliseconds > MAX_WAIT_MS) return () => undefined;
        const timer = setTimeout(run, 1);
        return () => clearTimeout(timer);
      },
      hint: {
        read: () => hint,
        write(value) {
          hint = value;
        },
        remove() {
          hint = null;
        },
      },
      isOnline: () => true,
      report: () => undefined,
      onConnection: () => () => undefined,
      isVisible: () => true,
      onWake: () => () => undefined,
      onHide: () => () => undefined,
      channel: { notify: () => undefined, listen: () => () => undefined },
    },
  });
  cleanups.push(() => {
    auth.stop();
    server.closeAllConnections();
    server.close();
  });

  const client = createTRPCClient<typeof router>({ links: auth.links({ EventSource }) });
  await client.echo.query(0);
  requests.splice(0);
  ran.splice(0);
  const dropConnections = (): void => {
    for (const connection of connections.splice(0)) connection.destroy();
  };
  /** Answers the next request of the path in tRPC's place, as a guard before it does. */
  const answerNext = (path: string, reply: TestReply): void => void replies.push({ path, reply });
  return {
    answerNext,
    auth,
    url,
    client,
    valid,
    ran,
    requests,
    refreshes: () => refreshes,
    router,
    streams,
    dropConnections,
  };
};
