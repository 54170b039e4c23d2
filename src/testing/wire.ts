import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AnyRouter } from '@trpc/server';
import type { HTTPErrorHandler } from '@trpc/server/http';
import express, { type RequestHandler } from 'express';
import express4 from 'express4';
import { createExpressHandler, type ExpressHandlerOptions } from 'latchkey/express';
import { createFetchHandler } from 'latchkey/fetch';
import { createNodeHandler } from 'latchkey/node';
import type { Auth, AuthContext } from 'latchkey/server';
import { connectionAddress, createFetchServer } from './fetch-server.ts';

export interface WireRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface WireServer {
  url: string;
  /** One request. `x-latchkey: 1` and a JSON content type are there unless told otherwise. */
  send(path: string, request?: WireRequest): Promise<Response>;
  /** A mutation as a client that is no browser sends it. */
  mutate(procedure: string, input?: unknown, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

type Options = ExpressHandlerOptions<AnyRouter>;

/** What every host takes. */
export interface WireOptions extends Omit<Options, 'auth' | 'router' | 'createContext' | 'onError'> {
  /** What an app may have put in front of the handler. Express alone has such. */
  before?: RequestHandler[];
  createContext?: (context: AuthContext) => AuthContext;
  onError?: HTTPErrorHandler<AnyRouter, object>;
}

type StartHost = (auth: Auth, router: AnyRouter, options: WireOptions) => Server;

const PROXIES = 'loopback';

const startExpress =
  (createApp: () => ReturnType<typeof express>): StartHost =>
  (auth, router, { before = [], ...options }) => {
    const app = createApp();
    app.set('trust proxy', PROXIES);
    app.use('/api/trpc', ...before, createExpressHandler({ auth, router, ...options }));
    return createServer(app);
  };

/** A server of each host, with nothing in it but the stack's handler at `/api/trpc`. */
const STARTS = {
  express: startExpress(express),
  express4: startExpress(express4),
  node: (auth, router, options) => {
    const handle = createNodeHandler({ auth, router, trustProxy: PROXIES, ...options });
    return createServer((req, res) => void handle(req, res));
  },
  fetch: (auth, router, options) =>
    createFetchServer(createFetchHandler({ auth, router, address: connectionAddress, ...options })),
} satisfies Record<string, StartHost>;

export type HostName = keyof typeof STARTS;

export const HOSTS: readonly HostName[] = ['express', 'express4', 'node', 'fetch'];

/** A real HTTP server on a port of its own, with nothing in it but the stack's handler at `/api/trpc`. */
export const startWireServer = async (
  auth: Auth,
  router: AnyRouter,
  { host = 'express', ...options }: WireOptions & { host?: HostName } = {},
): Promise<WireServer> => {
  const server = STARTS[host](auth, router, options);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const url = `http://127.0.0.1:${address.port}`;

  const send: WireServer['send'] = (path, { method = 'POST', headers, body } = {}) =>
    fetch(`${url}/api/trpc/${path}`, {
      method,
      headers: headers ?? { 'x-latchkey': '1', 'content-type': 'application/json' },
      ...(body !== undefined && { body }),
    });

  return {
    url,
    send,
    mutate: (procedure, input, headers = {}) =>
      send(procedure, {
        headers: { 'x-latchkey': '1', 'content-type': 'application/json', ...headers },
        ...(input !== undefined && { body: JSON.stringify(input) }),
      }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
