import type { RequestListener } from 'node:http';
import express, { type RequestHandler } from 'express';
import { inTurn } from 'latchkey/server';
import type { Config } from '../config/config.ts';
import type { Log } from '../log/log.ts';
import { compress } from './compress.ts';
import { apiNotFound, errorHandler, notFound } from './errors.ts';
import { health } from './health.ts';
import { publicKeys } from './public-keys.ts';
import { requestId } from './request-id.ts';
import { requestLog } from './request-log.ts';
import { requestMetrics } from './request-metrics.ts';
import { originForm, readableTarget } from './request-target.ts';
import { securityHeaders } from './security-headers.ts';

export interface AppOptions {
  config: Pick<Config, 'mode' | 'publicUrl' | 'trustProxy'>;
  log: Log;
  /** Whether this process can serve. */
  isReady: () => Promise<boolean>;
  /** The keys by which other services verify access tokens; none of them when those are signed with a secret. */
  jwks: { keys: readonly JsonWebKey[] };
  /** Called with every refused call, if they are counted. */
  countRefusal?: ((reason: string) => void) | undefined;
  /** Everything under `/api/trpc`. */
  api: RequestHandler;
  /** In development alone: the mails that were kept in place of being sent. */
  mailbox?: RequestHandler;
  /** The web app: everything that is not under `/api`. */
  web: RequestHandler;
}

/** The whole server as an Express app that does not listen: each request passes these lines from top to bottom. */
export const createApp = ({
  config,
  log,
  isReady,
  jwks,
  countRefusal,
  api,
  mailbox,
  web,
}: AppOptions): RequestListener => {
  const isDevelopment = config.mode === 'development';
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', config.trustProxy);
  // Only `/api/trpc` itself is the API: another spelling is none.
  app.enable('case sensitive routing');

  app.use(requestId());
  app.use(requestLog({ log, monotonicNow: () => performance.now(), quietFiles: isDevelopment }));
  if (countRefusal !== undefined) app.use(requestMetrics({ countRefusal }));
  app.use(securityHeaders(config));
  app.use(readableTarget());

  app.use('/api/trpc', api);
  app.use(health({ isReady }));
  app.use(publicKeys(jwks));
  if (!isDevelopment) app.use(compress());
  app.use(/^\/api(?=\/|$)/i, apiNotFound());
  if (mailbox !== undefined) app.use(mailbox);
  app.use(web);
  app.use(notFound());
  app.use(errorHandler(log));
  return (req, res) => {
    inTurn(res, () => {
      req.url = originForm(req.url ?? '');
      app(req, res);
    });
  };
};
