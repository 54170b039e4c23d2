import type { Role } from '../../shared/auth/index.ts';
import { createAccountHooks } from './accounts/account-hooks.ts';
import { createAddressChanges, WAY_BACK } from './accounts/address-changes.ts';
import { createCredentials } from './accounts/credentials.ts';
import { createExportAccount, type OnExport } from './accounts/export-account.ts';
import { purgeAccounts } from './accounts/purge-accounts.ts';
import type { OnDelete, OnSignUp } from './accounts/sign-up.ts';
import type { BackgroundTask } from './background-task.ts';
import { type Clock, DAY, SECOND, systemClock, toSeconds } from './clock.ts';
import { createAdministration } from './create-administration.ts';
import { createReport, type FeatureEvent } from './events.ts';
import type { Feature } from './feature.ts';
import { createFlowCookie } from './flows/flow-cookie.ts';
import { FLOW_LIMITS } from './flows/flow-limits.ts';
import { createFlowStore } from './flows/flow-store.ts';
import { createFlows } from './flows/flows.ts';
import { createMailedLinks } from './flows/mailed-links.ts';
import { createPendingSteps } from './flows/pending-steps.ts';
import { purgeFlows } from './flows/purge-flows.ts';
import { createCheckDemands } from './gate/demands.ts';
import { createFreshProofs } from './gate/fresh-proofs.ts';
import { createGate } from './gate/gate.ts';
import { purgeRemovals } from './gate/purge-removals.ts';
import { createRevocations } from './gate/revocations.ts';
import { createSubscriptions } from './gate/subscriptions.ts';
import { CORE_LIMITS } from './limits/core-limits.ts';
import { createLimitStore } from './limits/limit-store.ts';
import { createLimits, unlimited } from './limits/limits.ts';
import { purgeLimits } from './limits/purge-limits.ts';
import type { RateLimit } from './limits/rate-limit.ts';
import { createMail } from './mail/mail.ts';
import { DEFAULT_ROLES } from './roles.ts';
import { createDeleteAccount } from './sessions/delete-account.ts';
import { purgeSessions } from './sessions/purge-sessions.ts';
import { createRotateOrFind } from './sessions/rotate-or-find.ts';
import { createSessionCookies } from './sessions/session-cookies.ts';
import { createSessions } from './sessions/sessions.ts';
import { createPurging, type Purge } from './store/purging.ts';
import { createRecording } from './store/recording.ts';
import type { RevocationFeed } from './store/revocation-feed.ts';
import type { MigrationSet, Store, TablesOf } from './store/store.ts';
import { markStoreErrors } from './store/store-errors.ts';
import type { AuthTables } from './store/tables.ts';
import { createAccessTokens } from './tokens/access-tokens.ts';
import type { KeySet } from './tokens/keys.ts';
import { createRefreshTokens } from './tokens/refresh-tokens.ts';
import { createSealing } from './tokens/sealing.ts';
import type { AroundCall } from './trpc/around-call.ts';
import { watchClock } from './watched-clock.ts';

export interface AuthOptions {
  /**
   * `sqlite(path)` or `postgres(url)`. `auth.start()` opens it and brings its tables up to date, and `auth.stop()` then
   * closes it; a store that was open before stays open.
   */
  database: Store;
  /**
   * The app's own tables in the same store. They are migrated after the stack's, so they may refer to those.
   * @default []
   */
  migrations?: readonly MigrationSet[];
  /**
   * Delivers what other processes revoked.
   * @default the store's own feed
   */
  feed?: RevocationFeed;
  /** Where people reach the app. Its origin is the tokens' issuer; https makes cookies Secure and `__Host-`. */
  publicUrl: string;
  /**
   * What people call the app: in mails, and wherever its name is shown outside of it.
   * @default 'Latchkey'
   */
  appName?: string;
  /**
   * Where `mail()` hands mails to: `smtps://user:password@host`, or `smtp://host:587`, which asks for STARTTLS. Without
   * TLS only on this machine.
   * @default undefined: mail is off
   */
  smtpUrl?: string | undefined;
  /** Whom mails are from: `App <no-reply@app.example>`, or the address alone. */
  mailFrom?: string | undefined;
  /**
   * Of a list of breached passwords, which `passwords()` asks for each new one by the first five hex digits of its
   * SHA-1: `https://api.pwnedpasswords.com/range`. When it does not answer within a second, the password is taken.
   * @default undefined: none is asked
   */
  breachCheckUrl?: string | undefined;
  /**
   * For how many days `audit()` keeps events.
   * @default 400
   */
  auditRetentionDays?: number;
  /**
   * Other origins that may call with credentials, compared exactly.
   * @default []
   */
  allowedOrigins?: readonly string[];
  accessTokenKeys: KeySet;
  refreshTokenKeys: KeySet;
  /**
   * Seals what the store keeps and has to give back, such as a mailed link. The first seals, all open. At least 32
   * bytes each. A feature that needs one throws without.
   * @default []
   */
  dataSecrets?: readonly string[];
  /**
   * The app's roles, as it registers them with the types (`Register`). A new account gets the first one.
   * @default ['user', 'admin']
   */
  roles?: readonly Role[];
  /**
   * Called, and awaited, in the transaction that makes an account: by a registration, or by the shell, and not by
   * `importMembers`. If it throws, there is no account, and the person who registers gets its error. It must settle:
   * until then it holds a connection of the store, which on SQLite is the only one.
   * @example
   * onSignUp: async ({ user, transaction }) => {
   *   await transaction.withTables<AppTables>().insertInto('profiles').values({ user_id: user.id }).execute();
   * }
   */
  onSignUp?: OnSignUp;
  /**
   * Called, and awaited, in the transaction that deletes an account: `auth.deleteAccount`. If it throws, the account
   * stays, and the person gets its error. What refers to the account by a foreign key goes by itself, but only when no
   * access token can be about any more; what is to be gone at once goes here.
   * @example
   * onDelete: async ({ user, transaction }) => {
   *   await transaction.withTables<AppTables>().deleteFrom('profiles').where('user_id', '=', user.id).execute();
   * }
   */
  onDelete?: OnDelete;
  /**
   * Called, and awaited, by `user.export`: what the app keeps of a person. It stands in the answer under `app`.
   * @example
   * onExport: ({ user }) => profiles.of(user.id)
   */
  onExport?: OnExport;
  /**
   * Whether an account is made only once its address is confirmed, and an address that is not confirmed leaves little
   * to do. Needs the feature `mail`.
   * @default false
   */
  requireEmailVerification?: boolean;
  /**
   * Lifetime of an access token, in seconds.
   * @default 900
   */
  accessTokenTtl?: number;
  /**
   * How long a session lives without a refresh, in seconds.
   * @default 604_800 (7 days)
   */
  sessionIdleTtl?: number;
  /**
   * How long a session lives in all, in seconds.
   * @default 7_776_000 (90 days)
   */
  sessionAbsoluteTtl?: number;
  /**
   * How long the previous generation of a refresh token is still answered, in seconds. At least three times the
   * client's refresh timeout.
   * @default 30
   */
  refreshLeeway?: number;
  /**
   * Whether attempts are limited. Turn it off for load tests only.
   * @default true
   */
  rateLimit?: boolean;
  /** @default the system's clock */
  clock?: Clock;
  /**
   * Returns a number from 0 up to 1. Decides when within an hour purging begins.
   * @default Math.random
   */
  random?: () => number;
  /**
   * The app's own expired rows to delete beside the stack's, by the names under which they are counted.
   * @default {}
   */
  purges?: Readonly<Record<string, Purge>>;
  /** Runs around every call of the stack's procedures: a tracer's span, a stopwatch. */
  aroundCall?: AroundCall;
  /** Called with the number of milliseconds by which the clock was set: negative if back, positive if ahead. */
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
  const recording = createRecording();
  const { record } = recording;
  const limitTable = mergeNamed<RateLimit>('limits', [
    CORE_LIMITS,
    FLOW_LIMITS,
    ...features.map((feature) => feature.limits ?? {}),
  ]);
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
  const mail = createMail();
  const hasWayBack = features.some(({ name }) => name === 'mail');
  const sealing = createSealing(options.dataSecrets ?? []);
  const flows = createFlows({ database, store: createFlowStore(database), sealing, clock });
  const accessTokens = createAccessTokens({
    keys: options.accessTokenKeys,
    origin,
    ttlSeconds: accessTokenTtl,
    clock,
    roles,
  });
  const refreshTokens = createRefreshTokens({ keys: options.refreshTokenKeys, origin, clock });
  const gate = createGate({ accessTokens, revocations });

  const administration = createAdministration({
    database,
    clock,
    roles,
    onSignUp: options.onSignUp,
    isAddressHeld: hasWayBack ? (db, email) => flows.holdsAddress(email, { kind: WAY_BACK }, db) : undefined,
    report,
    record,
    announce: revocations.announce,
  });
  const { announceEnded } = administration;
  const sessionPolicy = {
    leewayMs: refreshLeewayMs,
    idleTtlMs: sessionIdleTtl * SECOND,
    absoluteTtlMs: sessionAbsoluteTtl * SECOND,
  };
  const { sessionStore } = administration;
  const credentials = createCredentials();
  const accountHooks = createAccountHooks();
  const { accounts } = administration;
  const sessions = createSessions({
    database,
    store: sessionStore,
    rotateOrFind: createRotateOrFind({
      database,
      dialect: store.dialect,
      find: sessionStore.find,
      policy: sessionPolicy,
    }),
    accessTokens,
    refreshTokens,
    clock,
    policy: sessionPolicy,
    report,
    record,
    announceEnded,
    announce: revocations.announce,
    present: administration.accounts.present,
    facOf: credentials.facOf,
  });

  return {
    database,
    dialect: store.dialect,
    origin,
    appName: options.appName ?? 'Latchkey',
    smtp: { smtpUrl: options.smtpUrl, mailFrom: options.mailFrom },
    breachCheckUrl: options.breachCheckUrl,
    mail,
    auditRetentionDays: options.auditRetentionDays ?? 400,
    allowedOrigins: new Set(options.allowedOrigins ?? []),
    clock,
    roles,
    report,
    recording,
    onBackgroundError,
    requireEmailVerification: options.requireEmailVerification ?? false,
    checkDemands: createCheckDemands(options),
    aroundCall: options.aroundCall ?? ((_call, run) => run()),
    limits,
    revocations,
    gate,
    freshProofs: createFreshProofs({ origin: publicUrl, now: clock.now }),
    subscriptions: createSubscriptions({ clock, gate, revocations }),
    sessions,
    flows,
    flowCookie: createFlowCookie(publicUrl),
    pendingSteps: createPendingSteps({ flows, clock }),
    sealing,
    mailedLinks: createMailedLinks({ flows, limits, mail, now: clock.now }),
    addresses: createAddressChanges({ flows }),
    sessionEnding: administration.sessions,
    sessionCookies: createSessionCookies({ origin: publicUrl, now: clock.now }),
    accounts: administration.accounts,
    credentials,
    accountHooks,
    deleteAccount: createDeleteAccount({
      ...{ database, accounts, store: administration.store, sessionStore, credentials, hooks: accountHooks },
      ...{ onDelete: options.onDelete, clock, report, record, announce: revocations.announce, announceEnded },
    }),
    exportAccount: createExportAccount({
      ...{ database, accounts, hooks: accountHooks, onExport: options.onExport, limits, clock, report, record },
    }),
    accountChanges: administration.accountChanges,
    createPurging: (featurePurges: readonly Readonly<Record<string, Purge>>[]) =>
      createPurging({
        purges: mergeNamed('purges', [
          {
            accounts: purgeAccounts(database, accessTokenTtlMs),
            sessions: purgeSessions(database, accessTokenTtlMs),
            flows: purgeFlows(database),
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
