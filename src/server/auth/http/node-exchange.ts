import type { IncomingMessage, ServerResponse } from 'node:http';
import { clientAddress } from './client-address.ts';
import type { Host } from './host.ts';
import { readNodeBody } from './read-node-body.ts';

/** A request of `node:http` and its answer, as Express, Fastify (raw) and Next.js (API routes) hand them on as well. */
export interface NodeExchange {
  req: IncomingMessage;
  res: ServerResponse;
}

/** A response that somebody's compression holds back until it is told. */
const isFlushable = (res: ServerResponse): res is ServerResponse & { flush: () => void } =>
  'flush' in res && typeof res.flush === 'function';

const textOf = (value: number | string | readonly string[] | undefined): string | undefined =>
  value === undefined || typeof value === 'string' ? value : String(value);

/** What `node:http` and all that is built on it have in common: everything but where the client's address is found. */
export const createNodeHost = <TExchange extends NodeExchange>(
  addressOf: (exchange: TExchange) => string | undefined,
): Host<TExchange, TExchange['req']> => ({
  request: ({ req }) => req,
  method: ({ req }) => req.method ?? '',
  target: ({ req }) => req.url ?? '',
  header: ({ req }, name) => textOf(req.headers[name]),
  address: (exchange) => clientAddress(addressOf(exchange)),
  requestId: ({ res }) => {
    const id = res.getHeader('x-request-id');
    return typeof id === 'string' ? id : undefined;
  },
  readBody: ({ req, res }, maxBytes) => readNodeBody(req, res, maxBytes),
  isDisconnected: ({ req, res }) => res.destroyed || req.socket.destroyed,
  onClose: ({ res }, callback) => {
    if (res.destroyed) callback(res.writableFinished);
    else res.once('close', () => callback(res.writableFinished));
  },

  hasHeaders: ({ res }) => res.headersSent,
  setHeader: ({ res }, name, value) => void res.setHeader(name, value),
  appendHeader: ({ res }, name, value) => {
    if (name === 'set-cookie') {
      res.appendHeader(name, value);
      return;
    }
    const before = res.getHeader(name);
    res.setHeader(name, before === undefined ? value : `${textOf(before)}, ${value}`);
  },
  setsCookies: ({ res }) => res.hasHeader('set-cookie'),
  send: ({ res }, status, body) => {
    begin(res, status);
    res.end(body);
  },
  beginStream: ({ res }, status) => begin(res, status),
  write: ({ res }, part) => {
    const isTaken = res.write(part);
    if (isFlushable(res)) res.flush();
    return isTaken;
  },
  drained: ({ res }) => untilDrained(res),
  endStream: ({ res }) => void res.end(),
  destroy: ({ res }) => void res.destroy(),
});

/** As tRPC's adapters: a status that the app has set, in its context or in front of us, stands. */
const begin = (res: ServerResponse, status: number): void => {
  if (res.statusCode === 200) res.statusCode = status;
};

const untilDrained = (res: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    if (res.destroyed) {
      resolve();
      return;
    }
    const settle = (): void => {
      drained.off('drain', settle);
      res.off('close', settle);
      resolve();
    };
    // Somebody's compression answers with its own stream, which is then the one that drains.
    const drained = res.on('drain', settle);
    res.on('close', settle);
  });
