import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { AnyRouter } from '@trpc/server';
import type { RequestHandler } from 'express';
import { createExpressHandler } from 'latchkey/express';
import {
  type AroundCall,
  type Auth,
  type BackgroundTask,
  createAuth,
  publicJwks,
  systemClock,
  type TablesOf,
} from 'latchkey/server';
import { audit } from 'latchkey/server/audit';
import { mail, readMailbox } from 'latchkey/server/mail';
import { passwords, passwordsOf } from 'latchkey/server/passwords';
import { recovery } from 'latchkey/server/recovery';
import { createStore, explainDataDir, holdServerLock } from '#server/database/index.ts';
import {
  createNoteChanges,
  createNoteSignals,
  createNotes,
  createNoteWriteLimit,
  deleteNotes,
  exportNotes,
  listenForNotes,
  type NoteTables,
  noteMigrations,
  purgeNoteChanges,
} from '#server/notes/index.ts';
import type { AppContext } from '#server/routers/context.ts';
import { appRouter } from '#server/routers/index.ts';
import { ROLES } from '#shared/roles.ts';
import type { Config } from './config/config.ts';
import { createTokenKeys } from './config/token-keys.ts';
import { compress } from './http/compress.ts';
import { createApp } from './http/http-app.ts';
import { createHttpServer } from './http/http-server.ts';
import { LOOPBACK, listen } from './http/listen.ts';
import { mailbox } from './http/mailbox.ts';
import { createEventLog } from './log/event-log.ts';
import type { Log } from './log/log.ts';
import { createMetrics, type Metrics } from './metrics/metrics.ts';
import { serveMetrics } from './metrics/metrics-server.ts';
import { traceCall } from './metrics/tracing.ts';
import { createTestClock } from './test-clock.ts';

/**
 * How long requests may still run once the server was told to stop. With what comes after them, under the 10 s after
 * which Docker ends a container by force.
 */
const GRACE_MS = 8_000;

/** For the feed and the store to close once no request runs. One that does not answer would take its 12 s. */
const STORE_CLOSE_MS = 500;

/** The web app: what answers all that is not under `/api`. */
export interface WebApp {
  handler: RequestHandler;
  close(): Promise<void>;
}

export interface ServerOptions {
  config: Config;
  log: Log;
  createWebApp: (server: Server) => Promise<WebApp>;
  /** The procedures, over the app's context. Default: the app's own. */
  router?: AnyRouter;
  /** @default 8_000 */
  graceMs?: number;
}

export interface StopOptions {
  /**
   * Until it settles the server goes on, but sends everybody elsewhere: it is not ready, and each answer ends its
   * connection. It counts towards the time that requests have.
   */
  drained?: Promise<unknown>;
}

export interface RunningServer {
  port: number;
  /** Lets running requests finish, then closes the store. A second call waits for the first. */
  stop(options?: StopOptions): Promise<void>;
}

const TASK_FAILED: Record<BackgroundTask, string> = {
  mail: 'Sending mails failed; will retry',
  purge: 'Purging expired rows failed; will retry',
  revocations: 'Reading revocations failed; will retry',
};

const hostsOf = ({ host, mode }: Pick<Config, 'host' | 'mode'>): readonly string[] => {
  if (host === undefined) return mode === 'development' ? LOOPBACK : [];
  return host === 'localhost' ? LOOPBACK : [host];
};

const aroundCallOf = (metrics: Metrics | undefined): AroundCall =>
  metrics === undefined ? traceCall : (call, run) => metrics.aroundCall(call, () => traceCall(call, run));

/**
 * Opens everything in order; what was opened is closed again in the opposite order, at the end or when a later step
 * fails.
 */
export const startServer = async ({
  config,
  log,
  createWebApp,
  router = appRouter,
  graceMs = GRACE_MS,
}: ServerOptions): Promise<RunningServer> => {
  const closers: (() => unknown)[] = [];
  let isStopping = false;
  let requestsMs = graceMs;
  const closeStore = async (auth: Auth): Promise<void> => {
    const isTooLate = await Promise.race([auth.stop(), delay(STORE_CLOSE_MS, true, { ref: false })]);
    if (isTooLate === true) log.warn('The store does not answer; stopping without closing it');
  };
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).toReversed()) {
      try {
        await close();
      } catch (error) {
        log.error({ err: error }, 'A step of the shutdown failed');
      }
    }
  };

  try {
    // Several servers may share a Postgres, but a SQLite file has one.
    if (config.databaseUrl === undefined) {
      const lock = holdServerLock(config.dataDir);
      closers.push(() => lock.release());
    }
    const store = createStore({
      ...config,
      poolSize: config.databasePoolSize,
      onConnectionError: (error) => log.warn({ err: error }, 'A connection to the database was lost'),
      onFileLost: (error) =>
        log.error({ err: error }, 'The database file is gone; every call is refused until it is back'),
      onFeedChange: (isLive) => {
        if (isLive) log.info('The revocation feed is live');
        else log.warn('The revocation feed is not live; each protected call asks the database until it is');
      },
    });
    const noteDatabase = store.db.withTables<TablesOf<NoteTables>>();
    const keys = createTokenKeys(config);
    const testClock = config.testClock === undefined ? undefined : createTestClock(config.testClock);
    if (testClock !== undefined) {
      closers.push(testClock.stop);
      log.warn({ file: config.testClock }, 'TEST_CLOCK is set: the clock is what its file says, for tests alone');
    }
    const { clock } = testClock ?? { clock: systemClock };
    const isDevelopment = config.mode === 'development';
    if (config.smtpUrl === undefined && !isDevelopment)
      log.warn('SMTP_URL is not set: mail is off, and what needs it answers mail_unavailable');
    const signals = createNoteSignals();
    listenForNotes(store, signals);
    const metrics =
      config.metricsPort === undefined ? undefined : createMetrics({ monotonicNow: () => performance.now() });
    const logEvent = createEventLog(log);
    const auth = createAuth({
      database: store,
      migrations: [{ name: 'app', migrations: noteMigrations(store.dialect) }],
      publicUrl: config.publicUrl,
      appName: config.appName,
      smtpUrl: config.smtpUrl,
      breachCheckUrl: config.breachCheckUrl,
      mailFrom: config.mailFrom,
      auditRetentionDays: config.auditRetentionDays,
      allowedOrigins: config.allowedOrigins,
      roles: ROLES,
      ...keys,
      accessTokenTtl: config.accessTokenTtl,
      sessionIdleTtl: config.sessionIdleTtl,
      sessionAbsoluteTtl: config.sessionAbsoluteTtl,
      refreshLeeway: config.refreshLeeway,
      requireEmailVerification: config.requireEmailVerification,
      rateLimit: config.rateLimit,
      features: [passwords(), mail({ mailbox: isDevelopment }), recovery(), audit()],
      clock,
      // What refers to an account goes by itself, but later: what somebody wrote goes at once.
      onDelete: ({ user, transaction }) => deleteNotes(transaction.withTables<TablesOf<NoteTables>>(), user.id),
      onExport: async ({ user }) => ({ notes: await exportNotes(noteDatabase, user.id) }),
      onEvent: (event) => {
        logEvent(event);
        metrics?.onEvent(event);
      },
      aroundCall: aroundCallOf(metrics),
      purges: { note_changes: purgeNoteChanges(noteDatabase) },
      onClockJump: (milliseconds) => {
        const seconds = Math.round(milliseconds / 1000);
        if (seconds > 0) log.warn({ seconds }, 'The clock was set ahead, or this machine slept');
        else
          log.warn(
            { seconds },
            'The clock was set back; each protected call asks the database until revocations are read again',
          );
      },
      onBackgroundError: (error, task) => log.warn({ err: error }, TASK_FAILED[task]),
    });
    metrics?.observe({ auth, passwords: passwordsOf(auth) });
    closers.push(() => closeStore(auth));
    await auth.start().catch((error: unknown) => {
      throw config.databaseUrl === undefined ? explainDataDir(error, config.dataDir) : error;
    });
    if (!auth.isReady())
      log.warn('The revocation feed is not live yet; each protected call asks the database until it is');

    const writeLimit = createNoteWriteLimit({ monotonicNow: clock.monotonic });
    const notes = createNotes({
      database: noteDatabase,
      clock,
      randomId: randomUUID,
      signals,
      ...(config.rateLimit && { admitWrite: writeLimit.admit }),
    });
    const noteChanges = createNoteChanges({ database: noteDatabase, signals });
    const api = createExpressHandler({
      auth,
      router,
      createContext: (context) => ({ ...context, notes, noteChanges }) satisfies AppContext,
      compress: compress(),
      onUnexpectedError: (error, requestId) => log.error({ requestId, err: error }, 'Unexpected error in a call'),
    });

    const server = createHttpServer({
      hsts: config.publicUrl.startsWith('https:'),
      onEarlyAnswer: (answer) => log.info(answer, 'no request'),
    });
    const web = await createWebApp(server);
    closers.push(() => web.close());

    const isReady = async (): Promise<boolean> => {
      if (isStopping || !auth.isReady()) return false;
      return store.ping().then(
        () => true,
        () => false,
      );
    };
    server.on(
      'request',
      createApp({
        config,
        log,
        isReady,
        jwks: publicJwks(keys.accessTokenKeys),
        countRefusal: metrics?.countRefusal,
        api,
        ...(isDevelopment && { mailbox: mailbox(() => readMailbox(auth)) }),
        web: web.handler,
      }),
    );
    if (metrics !== undefined && config.metricsPort !== undefined) {
      const { metricsPort: port, host } = config;
      const metricsListener = await serveMetrics(metrics.registry, { port, host, log });
      closers.push(() => metricsListener.close(0));
    }
    const listener = await listen(server, { port: config.port, hosts: hostsOf(config) });
    closers.push(() => {
      // A stream would never finish by itself.
      auth.endStreams();
      return listener.close(requestsMs);
    });

    const stop = async (drained: Promise<unknown> | undefined): Promise<void> => {
      isStopping = true;
      const start = performance.now();
      if (drained !== undefined) await listener.drain(drained);
      requestsMs = Math.max(0, graceMs - (performance.now() - start));
      await closeAll();
    };

    let stopped: Promise<void> | undefined;
    return {
      port: listener.port,
      stop: ({ drained } = {}) => {
        stopped ??= stop(drained);
        return stopped;
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
};
