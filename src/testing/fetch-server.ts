import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

/** What a handler of the fetch standard is. */
type FetchHandler = (request: Request) => Promise<Response>;

const remoteAddresses = new WeakMap<Request, string>();

/** The address of a request's connection, as a runtime tells it beside the request. */
export const connectionAddress = (request: Request): string | undefined => remoteAddresses.get(request);

const toRequest = (req: IncomingMessage, signal: AbortSignal): Request => {
  const { method = 'GET', url = '', rawHeaders } = req;
  const headers = new Headers();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
  }
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const init: RequestInit & { duplex: 'half' } = { method, headers, signal, duplex: 'half' };
  const request = new Request(new URL(`http://localhost${url}`), {
    ...init,
    ...(hasBody && {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Node.js's own type of the same class
      body: Readable.toWeb(req) as ReadableStream<Uint8Array>,
    }),
  });
  remoteAddresses.set(request, req.socket.remoteAddress ?? '');
  return request;
};

const drained = (res: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const settle = (): void => {
      res.off('drain', settle).off('close', settle);
      resolve();
    };
    res.on('drain', settle).on('close', settle);
  });

const answer = async (handler: FetchHandler, req: IncomingMessage, res: ServerResponse): Promise<void> => {
  const leaving = new AbortController();
  res.once('close', () => {
    if (!res.writableFinished) leaving.abort();
  });
  const response = await handler(toRequest(req, leaving.signal));
  const { 'set-cookie': _cookies, ...headers } = Object.fromEntries(response.headers);
  const cookies = response.headers.getSetCookie();
  res.writeHead(response.status, { ...headers, ...(cookies.length > 0 && { 'set-cookie': cookies }) });
  if (response.body === null) {
    res.end();
    return;
  }
  const reader = response.body.getReader();
  res.once('close', () => void reader.cancel().catch(() => {}));
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (!res.write(value) && !res.destroyed) await drained(res);
  }
  res.end();
};

/** A server for handlers of the fetch standard, as Hono's is for Node.js: streams and departures pass both ways. */
export const createFetchServer = (handler: FetchHandler): Server =>
  createServer((req, res) => {
    answer(handler, req, res).catch(() => res.destroy());
  });
