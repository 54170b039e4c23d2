import { createAccountAdmin } from './accounts/account-changes.ts';
import { createAccounts } from './accounts/accounts.ts';
import { createUserStore } from './accounts/user-store.ts';
import type { AroundCall } from './around-call.ts';
import { type Clock, SECOND, systemClock } from './clock.ts';
import { createReport, type EventListener } from './events.ts';
import { createPasswords, poolOf } from './features/passwords/password-pool.ts';
import type { Passwords } from './features/passwords/passwords.ts';
import { createGate } from './gate.ts';
import { createLimitStore } from './limits/limit-store.ts';
import { purgeLimits } from './limits/purge-limits.ts';
import { createRateLimiter, unlimited } from './limits/rate-limiter.ts';
import { createPurging, type Purge } from './purge.ts';
import { purgeRemovals } from './purge-removals.ts';
import type { RevocationFeed } from './revocation-feed.ts';
import { createRevocations } from './revocations.ts';
import { purgeSessions } from './sessions/purge-sessions.ts';
import { createSessionCookies } from './sessions/session-cookies.ts';
import { createSessionStore } from './sessions/session-store.ts';
import { createSessions } from './sessions/sessions.ts';
import { markStoreErrors } from './store-errors.ts';
import { createSubscriptions } from './subscriptions.ts';
import type { AuthDatabase } from './tables.ts';
import { createAccessTokens } from './tokens/access-tokens.ts';
import type { KeySet } from './tokens/keys.ts';
import { createRefreshTokens } from './tokens/refresh-tokens.ts';
import { watchClock } from './watched-clock.ts';

const DAY = 24 * 60 * 60;

export interface AuthOptions {
  /** The store, with the stack's tables in it (`authMigrations`). */
  database: AuthDatabase;
  /** Brings what other processes revoked: `createSqliteFeed` or `createPostgresFeed(createPostgresListener(…))`. */
  feed: RevocationFeed;
  /** Where people reach the app. Its origin is the tokens' issuer; https makes cookies Secure and `__Host-`. */
  publicUrl: string;
  /** Further origins that may call with credentials, exactly. Default: none. */
  allowedOrigins?: readonly string[];
  accessTokenKeys: KeySet;
  refreshTokenKeys: KeySet;
  /** Seconds. Default 900. */
  accessTokenTtl?: number;
  /** Seconds without a refresh. Default 604,800 (7 days). */
  sessionIdleTtl?: number;
  /** Seconds in all. Default 7,776,000 (90 days). */
  sessionAbsoluteTtl?: number;
  /** Seconds in which the last generation is still answered. Default 30; at least three times the client's refresh timeout. */
  refreshLeeway?: number;
  /** Whether tries are limited. Default true; false is for load tests. */
  rateLimit?: boolean;
  clock?: Clock;
  /** From 0 up to 1: when within an hour the purging begins. Default `Math.random`. */
  random?: () => number;
  /** What hashes passwords: within the pool's bounds, whatever it is. Default: argon2id. */
  passwords?: Passwords;
  /** Told of every authentication event. */
  onEvent?: EventListener;
  /** What else is to be removed once it is over, beside the stack's own rows. By the names under which their rows are counted. */
  purges?: Readonly<Record<string, Purge>>;
  /** Runs around every call of the stack's procedures: a tracer's span, a stopwatch. */
  aroundCall?: AroundCall;
  /** Told by how many milliseconds the clock was set: back, less than nothing, or ahead. */
  onClockJump?: (milliseconds: number) => void;
  /** Told of what failed while no request waited for it. It is tried again. */
  onBackgroundError?: (error: unknown) => void;
}

export type Services = ReturnType<typeof createServices>;

/** Every service of the stack, tied to one store, one set of keys and one clock. */
export const createServices = (options: AuthOptions) => {
  const { database, feed, onBackgroundError = () => {}, onClockJump = () => {} } = options;
  const { accessTokenTtl = 900, sessionIdleTtl = 7 * DAY, sessionAbsoluteTtl = 90 * DAY, refreshLeeway = 30 } = options;
  const publicUrl = new URL(options.publicUrl);
  const { origin } = publicUrl;
  const clock = watchClock(options.clock ?? systemClock, { onJump: onClockJump });
  markStoreErrors(database);

  const passwords = options.passwords === undefined ? createPasswords() : poolOf(options.passwords);
  const store = createSessionStore(database);
  const users = createUserStore(database);
  const report = createReport(options.onEvent ?? (() => {}));
  const revocations = createRevocations({
    database,
    feed,
    clock,
    accessTokenTtl,
    refreshLeeway,
    onError: onBackgroundError,
  });
  const accessTokens = createAccessTokens({ keys: options.accessTokenKeys, origin, ttl: accessTokenTtl, clock });
  const refreshTokens = createRefreshTokens({ keys: options.refreshTokenKeys, origin, clock });
  const rateLimiter =
    options.rateLimit === false ? unlimited : createRateLimiter({ store: createLimitStore(database), clock });
  const gate = createGate({ accessTokens, revocations });
  const purging = createPurging({
    purges: {
      sessions: purgeSessions(database, accessTokenTtl),
      rate_limits: purgeLimits(database),
      removals: purgeRemovals(database, accessTokenTtl),
      ...options.purges,
    },
    clock,
    random: options.random ?? Math.random,
    onError: onBackgroundError,
  });
  const policy = {
    leeway: refreshLeeway * SECOND,
    idleTtl: sessionIdleTtl * SECOND,
    absoluteTtl: sessionAbsoluteTtl * SECOND,
  };

  return {
    origin,
    allowedOrigins: new Set(options.allowedOrigins ?? []),
    clock,
    report,
    aroundCall: options.aroundCall ?? ((_call, run) => run()),
    revocations,
    rateLimiter,
    accounts: createAccounts({ database, users, passwords, clock, report }),
    admin: createAccountAdmin({ database, passwords, clock, report, notice: revocations.notice }),
    sessions: createSessions({
      database,
      store,
      accessTokens,
      refreshTokens,
      revocations,
      clock,
      policy,
      report,
    }),
    cookies: createSessionCookies({ origin: publicUrl, now: clock.now }),
    gate,
    subscriptions: createSubscriptions({ clock, gate, revocations }),
    purging,
  };
};
