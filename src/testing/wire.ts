import { once } from 'node:events';
import type { AnyRouter } from '@trpc/server';
import express, { type RequestHandler } from 'express';
import type { Auth, AuthContext, AuthHandlerOptions } from 'latchkey/server';
import { createAuthHandler } from 'latchkey/server';

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

export interface WireOptions {
  /** What an app may have put in front of the handler. */
  before?: RequestHandler[];
  compress?: RequestHandler;
  createContext?: (context: AuthContext) => AuthContext;
  allowedHeaders?: string[];
  answerLimits?: NonNullable<AuthHandlerOptions<AnyRouter>['answerLimits']>;
}

/** A real HTTP server on a port of its own, with nothing in it but the stack's handler at `/api/trpc`. */
export const startWireServer = async (
  auth: Auth,
  router: AnyRouter,
  { before = [], createContext = (context) => context, ...options }: WireOptions = {},
): Promise<WireServer> => {
  const app = express();
  app.set('trust proxy', 'loopback');
  app.use('/api/trpc', ...before, createAuthHandler({ auth, router, createContext, ...options }));
  const server = app.listen(0, '127.0.0.1');
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
