import { randomUUID } from 'node:crypto';
import { type AnyRouter, getTRPCErrorFromUnknown, type inferRouterContext, type TRPCError } from '@trpc/server';
import { nodeHTTPRequestHandler } from '@trpc/server/adapters/node-http';
import type { TRPCRequestInfo } from '@trpc/server/http';
import cookieParser from 'cookie-parser';
import { type Request, type Response, Router } from 'express';
import { MAX_BATCH_CALLS } from '../../../shared/auth/index.ts';
import type { AuthContext, AuthRequest } from '../context.ts';
import type { Auth } from '../create-auth.ts';
import { tagWithRequest } from '../error-formatter.ts';
import { cookieProceduresOf } from '../policies.ts';
import { reasonOf, refusalOf } from '../refusal.ts';
import { type Calls, readCalls } from './calls.ts';
import { createCookieJar } from './cookie-jar.ts';
import { setPreflightHeaders } from './cors.ts';
import { guard } from './guard.ts';
import { sendRefusal } from './refusal-response.ts';
import { keepRequestRecord, type RequestRecord } from './request-record.ts';

export interface AuthHandlerOptions<TRouter extends AnyRouter> {
  auth: Auth;
  router: TRouter;
  /** Adds what the app's own procedures need. */
  createContext: (context: AuthContext) => inferRouterContext<TRouter> | Promise<inferRouterContext<TRouter>>;
  /** Told of errors that nobody raised on purpose, and of why the store could not be asked, for the log. */
  onUnexpectedError?: (error: unknown, requestId: string) => void;
}

/** What is kept of a text that a client chose, for the log and the list of sessions: headers and paths may have 16 kB. */
const MAX_USER_AGENT = 512;
const MAX_NAME = 100;

/** A server that listens on both families sees IPv4 addresses so (RFC 4291 section 2.5.5.2). */
const IPV4_MAPPED = /^::ffff:(?=\d+\.)/i;

/** What an operator has to know of: a bug, or why the store cannot be asked. */
const unexpectedCauseOf = (error: TRPCError): unknown =>
  error.code === 'INTERNAL_SERVER_ERROR' ? (error.cause ?? error) : refusalOf(error)?.cause;

/**
 * An Express handler for a tRPC router with the stack in front of it: `app.use('/api/trpc', createAuthHandler({ … }))`.
 * A request passes the guard, then tRPC with the stack's context. Takes the request's id from `res.locals.requestId`, or makes one,
 * and keeps a `RequestRecord` of it for the log.
 * @throws TypeError when a procedure of the router declares no policy.
 */
export const createAuthHandler = <TRouter extends AnyRouter>(options: AuthHandlerOptions<TRouter>): Router => {
  const { auth, router, createContext, onUnexpectedError } = options;
  const guardOptions = {
    origins: { own: auth.origin, allowed: auth.allowedOrigins },
    cookieProcedures: cookieProceduresOf(router),
  };

  const contextOf = (req: Request, res: Response, info: TRPCRequestInfo, record: RequestRecord): AuthContext => {
    const request: AuthRequest = {
      id: record.id,
      authorization: req.headers.authorization,
      address: req.ip?.replace(IPV4_MAPPED, '') ?? null,
      userAgent: req.headers['user-agent']?.slice(0, MAX_USER_AGENT) ?? null,
      // By what tRPC makes of the request, whatever the guard made of it.
      isAlone: info.calls.length === 1 && info.accept !== 'application/jsonl',
      hasClientGone: () => res.destroyed || req.socket.destroyed,
      identify: (userId) => {
        record.userId = userId;
      },
    };
    return { auth, request, cookies: createCookieJar(req, res) };
  };

  const handle = async (req: Request, res: Response): Promise<void> => {
    const knownId: unknown = res.locals.requestId;
    const record: RequestRecord = {
      id: typeof knownId === 'string' ? knownId : randomUUID(),
      procedures: [],
      refusals: [],
    };
    keepRequestRecord(res, record);
    res.setHeader('x-request-id', record.id);
    res.setHeader('Cache-Control', 'no-store');

    const noteError = (error: TRPCError) => {
      tagWithRequest(error, record.id);
      record.refusals.push(reasonOf(error) ?? error.code);
      const retryAfter = refusalOf(error)?.details.retryAfter;
      if (retryAfter !== undefined && !res.headersSent) res.setHeader('Retry-After', retryAfter);
      const cause = unexpectedCauseOf(error);
      if (cause !== undefined) onUnexpectedError?.(cause, record.id);
    };

    let calls: Calls | undefined;
    try {
      calls = readCalls(req);
      record.procedures.push(...calls.procedures.slice(0, MAX_BATCH_CALLS).map((name) => name.slice(0, MAX_NAME)));
      await guard(req, res, calls, guardOptions);
    } catch (cause) {
      const error = getTRPCErrorFromUnknown(cause);
      noteError(error);
      sendRefusal(res, router, { error, calls, requestId: record.id });
      return;
    }

    if (req.method === 'OPTIONS') {
      if (res.hasHeader('Access-Control-Allow-Origin')) setPreflightHeaders(res);
      res.status(204).end();
      return;
    }

    // tRPC makes a URL of these, and fails on a Host that is none, or on one with a password. It gets what the guard has looked at.
    req.url = `/${calls.query}`;
    req.headers.host = 'localhost';
    await nodeHTTPRequestHandler<TRouter, Request, Response>({
      router,
      req,
      res,
      path: calls.path,
      maxBatchSize: MAX_BATCH_CALLS,
      createContext: ({ info }) => createContext(contextOf(req, res, info, record)),
      onError: ({ error }) => noteError(error),
      responseMeta: ({ info, type }) => ({
        headers: new Headers([
          // An event stream comes with a Cache-Control of its own, in place of ours.
          ...(type === 'subscription' ? [['cache-control', 'no-store'] as [string, string]] : []),
          // tRPC sets its own Vary over ours, and labels the errors that it raises before it knows the calls as plain text.
          ...(auth.allowedOrigins.size > 0 ? [['vary', 'Origin'] as [string, string]] : []),
          ...(info === undefined ? [['content-type', 'application/json'] as [string, string]] : []),
        ]),
      }),
    });
  };

  const mount = Router();
  mount.use(cookieParser(), (req, res, next) => {
    handle(req, res).catch(next);
  });
  return mount;
};
