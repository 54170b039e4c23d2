import { noTransformer, type Transformer } from '../wire/transformer.ts';
import { readHttpCalls } from './http-calls.ts';
import type { TestJar, TestReply, TestRequest, TestServer } from './server.ts';
import type { TestStreams } from './streams.ts';
import { serverTransform } from './transform.ts';

/** A request that is under way, to be moved on by hand. */
export interface TestTransit extends TestRequest {
  /** The server carries it out, and its answer is under way. */
  arrive: () => void;
  /** The answer reaches the browser: first its cookies, then the page. Arrives first if it has not. */
  deliver: () => void;
  /** The connection breaks, on whichever way it was. */
  lose: () => void;
  isAborted: () => boolean;
  /** Whether the page has had its answer, or will have none. */
  isDone: () => boolean;
  /** What the server said, once the request has arrived. */
  reply: () => TestReply | null;
}

/** What happens to a request: a reply in the server's place, or a fate. */
export type TestFate =
  | 'pass'
  | 'hold'
  | 'lose request'
  | 'lose answer'
  | TestReply
  | ((request: TestRequest) => TestReply);

const responseOf = ({ body: plain, status = 200 }: TestReply, envelope: (body: unknown) => unknown): Response => {
  if (plain instanceof Response) return plain;
  const body = Array.isArray(plain) ? plain.map(envelope) : envelope(plain);
  return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
};

/** What a batch is answered: the answers of its calls, and one status for all if they are of one. */
const joined = (replies: readonly TestReply[]): TestReply => {
  const statuses = new Set(replies.map(({ status = 200 }) => status));
  const [status = 200] = statuses;
  return { status: statuses.size > 1 ? 207 : status, body: replies.map(({ body }) => body) };
};

/** Requests as a browser sends them: cookies are taken along when it leaves and set when the answer comes. */
export const createTestNetwork = (
  server: Pick<TestServer, 'handle'>,
  jar: TestJar,
  streams?: Pick<TestStreams, 'answer' | 'check'>,
  transformer: Transformer = noTransformer,
) => {
  const transform = serverTransform(transformer);
  const log: TestTransit[] = [];
  const fates: { path: string | undefined; fate: TestFate }[] = [];
  let usual: TestFate = 'pass';

  const fateOf = (paths: readonly string[]): TestFate => {
    const index = fates.findIndex(({ path }) => path === undefined || paths.includes(path));
    return index === -1 ? usual : (fates.splice(index, 1)[0]?.fate ?? usual);
  };

  const send: typeof fetch = (input, init = {}) =>
    new Promise((resolve, reject) => {
      const abortError = (): DOMException => new DOMException('The call was aborted.', 'AbortError');
      // Nothing leaves the browser.
      if (init.signal?.aborted) return reject(abortError());
      const url = typeof input === 'string' ? input : input instanceof URL ? input.href : input.url;
      const { isBatch, calls: written } = readHttpCalls(url, init);
      const calls = written.map(transform.read);
      const headers = new Headers(init.headers);
      const request: TestRequest = {
        path: calls.map(({ path }) => path).join(','),
        input: isBatch ? calls.map(({ input }) => input) : calls[0]?.input,
        accessToken: headers.get('authorization')?.replace('Bearer ', ''),
        headers,
        init,
        refresh: jar.refresh,
      };
      const fate = fateOf(calls.map(({ path }) => path));
      let reply: TestReply | null = null;
      let isDone = false;
      let aborted = false;

      const handle = (): TestReply => {
        if (streams && headers.get('accept') === 'text/event-stream') return { body: streams.answer(request) };
        if (!isBatch) return server.handle(request);
        return joined(calls.map((call) => server.handle({ ...request, ...call })));
      };

      const finish = (how: () => void): void => {
        if (isDone) return;
        isDone = true;
        how();
      };
      const transit: TestTransit = {
        ...request,
        arrive() {
          reply ??= typeof fate === 'function' ? fate(request) : typeof fate === 'object' ? fate : handle();
          streams?.check();
        },
        deliver() {
          finish(() => {
            transit.arrive();
            if (reply === null) return;
            Object.assign(jar, reply.cookies);
            resolve(responseOf(reply, transform.envelope));
          });
        },
        lose: () => finish(() => reject(new TypeError('Failed to fetch'))),
        isAborted: () => aborted,
        isDone: () => isDone,
        reply: () => reply,
      };
      init.signal?.addEventListener('abort', () => {
        aborted = true;
        finish(() => reject(abortError()));
      });
      log.push(transit);

      if (fate === 'hold') return;
      void Promise.resolve().then(() => {
        if (fate === 'lose request') return transit.lose();
        transit.arrive();
        return fate === 'lose answer' ? transit.lose() : transit.deliver();
      });
    });

  return {
    fetch: send,
    log,
    /** The requests that the call was in. */
    sent: (path: string): TestTransit[] => log.filter((request) => request.path.split(',').includes(path)),
    /** What happens to the next request, or to the next one of the path. */
    next(fate: TestFate, path?: string): void {
      fates.push({ path, fate });
    },
    /** What happens to all others. */
    usually(fate: TestFate): void {
      usual = fate;
    },
  };
};

export type TestNetwork = ReturnType<typeof createTestNetwork>;
