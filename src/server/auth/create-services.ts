import type { Role } from '../../shared/auth/index.ts';
import { type Clock, DAY, SECOND, systemClock, toSeconds } from './clock.ts';
import { createAdministration } from './create-administration.ts';
import { createReport, type FeatureEvent } from './events.ts';
import type { Feature } from './feature.ts';
import { createGate } from './gate/gate.ts';
import { purgeRemovals } from './gate/purge-removals.ts';
import { createRevocations } from './gate/revocations.ts';
import { createSubscriptions } from './gate/subscriptions.ts';
import { createLimitStore } from './limits/limit-store.ts';
import { createLimits, unlimited } from './limits/limits.ts';
import { purgeLimits } from './limits/purge-limits.ts';
import { DEFAULT_ROLES } from './roles.ts';
import { purgeSessions } from './sessions/purge-sessions.ts';
import { createSessionCookies } from './sessions/session-cookies.ts';
import { createSessions } from './sessions/sessions.ts';
import { createPurging, type Purge } from './store/purging.ts';
import type { RevocationFeed } from './store/revocation-feed.ts';
import type { MigrationSet, Store, TablesOf } from './store/store.ts';
import { markStoreErrors } from './store/store-errors.ts';
import type { AuthTables } from './store/tables.ts';
import { createAccessTokens } from './tokens/access-tokens.ts';
import type { KeySet } from './tokens/keys.ts';
import { createRefreshTokens } from './tokens/refresh-tokens.ts';
import type { AroundCall } from './trpc/around-call.ts';
import { watchClock } from './watched-clock.ts';

/** Deleting expired rows, or reading what other processes revoked. */
export type BackgroundTask = 'purge' | 'revocations';

export interface AuthOptions {
  /**
   * `sqlite(path)` or `postgres(url)`. `auth.start()` opens it and makes the stack's tables, and `auth.stop()` then
   * closes it; one that was open before stays open.
   */
  database: Store;
  /** The app's own tables in the same store, made after the stack's, to which they may refer. */
  migrations?: readonly MigrationSet[];
  /** Brings what other processes revoked. Default: the feed of the store. */
  feed?: RevocationFeed;
  /** Where people reach the app. Its origin is the tokens' issuer; https makes cookies Secure and `__Host-`. */
  publicUrl: string;
  /** Further origins that may call with credentials, exactly. Default: none. */
  allowedOrigins?: readonly string[];
  accessTokenKeys: KeySet;
  refreshTokenKeys: KeySet;
  /**
   * The app's roles, as it registers them with the types (`Register`). The first is what a new account has. Default
   * `user` and `admin`.
   */
  roles?: readonly Role[];
  /** Seconds. Default 900. */
  accessTokenTtl?: number;
  /** Seconds without a refresh. Default 604,800 (7 days). */
  sessionIdleTtl?: number;
  /** Seconds in all. Default 7,776,000 (90 days). */
  sessionAbsoluteTtl?: number;
  /**
   * Seconds in which the last generation is still answered. Default 30; at least three times the client's refresh
   * timeout.
   */
  refreshLeeway?: number;
  /** Whether attempts are limited. Default true; false is for load tests. */
  rateLimit?: boolean;
  clock?: Clock;
  /** From 0 up to 1: when within an hour the purging begins. Default `Math.random`. */
  random?: () => number;
  /**
   * What else is to be removed once it is over, beside the stack's own rows. By the names under which their rows are
   * counted.
   */
  purges?: Readonly<Record<string, Purge>>;
  /** Runs around every call of the stack's procedures: a tracer's span, a stopwatch. */
  aroundCall?: AroundCall;
  /** Told by how many milliseconds the clock was set: back, less than nothing, or ahead. */
  onClockJump?: (milliseconds: number) => void;
  /** Called when work that no request waits for has failed; it will be retried. */
  onBackgroundError?: (error: unknown, task: BackgroundTask) => void;
}

/** Several features may not share a name: the rows of the one would be the other's. */
const mergeNamed = <TValue>(
  what: string,
  tables: readonly Readonly<Record<string, TValue>>[],
): Record<string, TValue> => {
  const merged: Record<string, TValue> = {};
  for (const [name, value] of tables.flatMap(Object.entries<TValue>)) {
    if (name in merged) throw new TypeError(`There are two ${what} of the name ${name}.`);
    merged[name] = value;
  }
  return merged;
};

export type Services = ReturnType<typeof createServices>;

/**
 * The services of the core, tied to one store, one set of keys and one clock.
 * @param listener called with every event, of features too.
 */
export const createServices = (
  options: AuthOptions,
  features: readonly Feature[],
  listener: (event: FeatureEvent) => void,
) => {
  const { database: store, onBackgroundError = () => {}, onClockJump = () => {} } = options;
  const database = store.db.withTables<TablesOf<AuthTables>>();
  const { accessTokenTtl = 900, refreshLeeway = 30 } = options;
  const { sessionIdleTtl = toSeconds(7 * DAY), sessionAbsoluteTtl = toSeconds(90 * DAY) } = options;
  const accessTokenTtlMs = accessTokenTtl * SECOND;
  const refreshLeewayMs = refreshLeeway * SECOND;
  const { roles = DEFAULT_ROLES } = options;
  const publicUrl = new URL(options.publicUrl);
  const { origin } = publicUrl;
  const clock = watchClock(options.clock ?? systemClock, { onJump: onClockJump });
  markStoreErrors(database);

  const report = createReport(listener);
  const limitTable = mergeNamed(
    'limits',
    features.map((feature) => feature.limits ?? {}),
  );
  const limits =
    options.rateLimit === false ? unlimited : createLimits({ store: createLimitStore(database, limitTable), clock });
  const revocations = createRevocations({
    database,
    feed: options.feed ?? store.createFeed(),
    clock,
    accessTokenTtlMs,
    refreshLeewayMs,
    onError: (error) => onBackgroundError(error, 'revocations'),
  });
  const accessTokens = createAccessTokens({
    keys: options.accessTokenKeys,
    origin,
    ttlSeconds: accessTokenTtl,
    clock,
    roles,
  });
  const refreshTokens = createRefreshTokens({ keys: options.refreshTokenKeys, origin, clock });
  const gate = createGate({ accessTokens, revocations });

  const administration = createAdministration({ database, clock, roles, report, notice: revocations.notice });
  const { announceEnded } = administration;
  const sessions = createSessions({
    database,
    store: administration.sessionStore,
    accessTokens,
    refreshTokens,
    clock,
    policy: {
      leewayMs: refreshLeewayMs,
      idleTtlMs: sessionIdleTtl * SECOND,
      absoluteTtlMs: sessionAbsoluteTtl * SECOND,
    },
    report,
    announceEnded,
    present: administration.accounts.present,
  });

  return {
    database,
    origin,
    allowedOrigins: new Set(options.allowedOrigins ?? []),
    clock,
    roles,
    report,
    aroundCall: options.aroundCall ?? ((_call, run) => run()),
    limits,
    revocations,
    gate,
    subscriptions: createSubscriptions({ clock, gate, revocations }),
    sessions,
    sessionEnding: administration.sessions,
    sessionCookies: createSessionCookies({ origin: publicUrl, now: clock.now }),
    accounts: administration.accounts,
    accountChanges: administration.accountChanges,
    createPurging: (featurePurges: readonly Readonly<Record<string, Purge>>[]) =>
      createPurging({
        purges: mergeNamed('purges', [
          {
            sessions: purgeSessions(database, accessTokenTtlMs),
            rate_limits: purgeLimits(database, limitTable),
            removals: purgeRemovals(database, accessTokenTtlMs),
          },
          ...featurePurges,
          options.purges ?? {},
        ]),
        clock,
        random: options.random ?? Math.random,
        onError: (error) => onBackgroundError(error, 'purge'),
      }),
  };
};
