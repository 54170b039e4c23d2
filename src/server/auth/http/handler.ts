import { randomUUID } from 'node:crypto';
import { type AnyRouter, getTRPCErrorFromUnknown, type inferRouterContext, TRPCError } from '@trpc/server';
import { resolveResponse, type TRPCRequestInfo } from '@trpc/server/http';
import type { Request, RequestHandler, Response } from 'express';
import { MAX_BATCH_CALLS } from '../../../shared/auth/index.ts';
import type { Auth } from '../auth.ts';
import type { AuthContext } from '../context.ts';
import { reasonOf, refusalOf } from '../refusal.ts';
import type { AuthRequest, StreamedAnswer } from '../request.ts';
import { containContext } from '../trpc/contain.ts';
import { keepWords, tagWithRequest } from '../trpc/error-formatter.ts';
import { checkRouter } from '../trpc/policies.ts';
import { type Calls, readCalls } from './calls.ts';
import { clientAddressOf } from './client-address.ts';
import { createCookieJar } from './cookie-jar.ts';
import { allowedHeadersOf, setPreflightHeaders } from './cors.ts';
import { guard } from './guard.ts';
import { inTurn } from './in-turn.ts';
import { sendRefusal } from './refusal-response.ts';
import { keepRequestRecord, type RequestRecord, requestRecordOf } from './request-record.ts';
import { sendResponse } from './send-response.ts';
import { ANSWER_LIMITS, type AnswerLimits, createUnreadAnswers } from './unread-answers.ts';
import { toWebRequest } from './web-request.ts';

export interface AuthHandlerOptions<TRouter extends AnyRouter> {
  auth: Auth;
  router: TRouter;
  /** Adds what the app's own procedures need. */
  createContext: (context: AuthContext) => inferRouterContext<TRouter> | Promise<inferRouterContext<TRouter>>;
  /**
   * Compresses what it is given: `compression()`. It is given whole answers of some length to queries; never a stream,
   * nor what can hold a token.
   */
  compress?: RequestHandler;
  /**
   * Request headers of the app's own that pages on a listed origin may send, beside ours and those of tracing.
   * @default []
   */
  allowedHeaders?: readonly string[];
  /** Told of errors that nobody raised on purpose, and of why the store could not be asked, for the log. */
  onUnexpectedError?: (error: unknown, requestId: string) => void;
  /** @default {batch: 4_000_000, process: 64_000_000} */
  answerLimits?: Partial<AnswerLimits>;
}

/**
 * What is kept of a text that a client chose, for the log and the list of sessions: headers and paths may have 16 kB.
 */
const MAX_USER_AGENT = 512;
const MAX_NAME = 100;

/** Below this, in characters, compressing saves no packet. */
const WORTH_COMPRESSING = 1024;

const batchTooLarge = (): TRPCError =>
  keepWords(
    new TRPCError({
      code: 'PAYLOAD_TOO_LARGE',
      message: 'The answers to this batch are too large to be sent together. Ask for less at a time.',
    }),
  );

/** What an operator has to know of: a bug, or why the store cannot be asked. */
const unexpectedCauseOf = (error: TRPCError): unknown =>
  error.code === 'INTERNAL_SERVER_ERROR' ? (error.cause ?? error) : refusalOf(error)?.cause;

/**
 * An Express handler for a tRPC router with the stack in front of it: `app.use('/api/trpc', createAuthHandler({ … }))`.
 * A request passes the guard, then tRPC with the stack's context. Takes the request's id from `res.locals.requestId`,
 * or makes one, and keeps a `RequestRecord` of it for the log.
 * @throws TypeError when the router and the auth do not fit each other (`checkRouter` says how), or an entry of
 * `allowedHeaders` is no name of a header.
 */
export const createAuthHandler = <TRouter extends AnyRouter>(options: AuthHandlerOptions<TRouter>): RequestHandler => {
  const { auth, router, createContext, compress, onUnexpectedError } = options;
  const allowedHeaders = allowedHeadersOf(options.allowedHeaders ?? []);
  const limits = { ...ANSWER_LIMITS, ...options.answerLimits };
  const unread = createUnreadAnswers(limits.process, (res) => requestRecordOf(res)?.refusals.push('answer_unread'));
  const guardOptions = {
    origins: { own: auth.origin, allowed: auth.allowedOrigins },
    cookieProcedures: checkRouter(router, auth),
  };

  const { transformer } = router._def._config;
  const assertSendable = (part: unknown): void => {
    JSON.stringify(transformer.output.serialize(part));
  };

  const contextOf = (
    req: Request,
    res: Response,
    { info, record, streamed }: { info: TRPCRequestInfo; record: RequestRecord; streamed: StreamedAnswer },
  ): AuthContext => {
    const request: AuthRequest = {
      id: record.id,
      authorization: req.headers.authorization,
      address: clientAddressOf(req),
      userAgent: req.headers['user-agent']?.slice(0, MAX_USER_AGENT) ?? null,
      // By what tRPC makes of the request, whatever the guard made of it.
      isSoleCall: info.calls.length === 1 && info.accept !== 'application/jsonl',
      ...(info.accept === 'application/jsonl' && { streamed }),
      isDisconnected: () => res.destroyed || req.socket.destroyed,
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
    const refuseWhole = (error: TRPCError): void => {
      noteError(error);
      sendRefusal(res, router, { error, calls, requestId: record.id });
    };
    try {
      calls = readCalls(req);
      record.procedures.push(...calls.procedures.slice(0, MAX_BATCH_CALLS).map((name) => name.slice(0, MAX_NAME)));
      await guard(req, res, calls, guardOptions);
    } catch (cause) {
      refuseWhole(getTRPCErrorFromUnknown(cause));
      return;
    }

    if (req.method === 'OPTIONS') {
      if (res.hasHeader('Access-Control-Allow-Origin')) setPreflightHeaders(res, allowedHeaders);
      res.status(204).end();
      return;
    }

    let isAbandoned = false;
    const streamed: StreamedAnswer = {
      assertSendable,
      abandon: () => {
        isAbandoned = true;
      },
    };
    let hasEffects = true;
    const response = await resolveResponse<TRouter>({
      router,
      req: toWebRequest(req, res, calls, () => isAbandoned),
      path: calls.path,
      error: null,
      maxBatchSize: MAX_BATCH_CALLS,
      createContext: async ({ info }) => {
        hasEffects = info.type !== 'query';
        try {
          return await createContext(contextOf(req, res, { info, record, streamed }));
        } catch (error) {
          throw containContext(error);
        }
      },
      onError: ({ error }) => noteError(error),
    });
    const beforeWhole = (length: number): boolean => {
      // A mutation has been carried out, and is told so.
      if (calls.procedures.length > 1 && length > limits.batch && !hasEffects) {
        refuseWhole(batchTooLarge());
        return false;
      }
      // Where an attacker's text and a secret are compressed together, the length tells the secret (BREACH). Tokens are
      // answers to POST.
      if (req.method === 'GET' && length > WORTH_COMPRESSING) compress?.(req, res, () => {});
      return true;
    };
    await sendResponse(res, response, { unread, readAhead: limits.batch, beforeWhole });
  };

  return (req, res, next) => {
    inTurn(res, () => {
      handle(req, res).catch(next);
    });
  };
};
