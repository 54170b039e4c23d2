import { createAccountHooks } from './accounts/account-hooks.ts';
import { createAddressChanges, WAY_BACK } from './accounts/address-changes.ts';
import { createCredentials } from './accounts/credentials.ts';
import { createExportAccount } from './accounts/export-account.ts';
import { purgeAccounts } from './accounts/purge-accounts.ts';
import type { AuthOptions } from './auth-options.ts';
import { DAY, SECOND, systemClock, toSeconds } from './clock.ts';
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
import type { TablesOf } from './store/store.ts';
import { markStoreErrors } from './store/store-errors.ts';
import type { AuthTables } from './store/tables.ts';
import { createAccessTokens } from './tokens/access-tokens.ts';
import { createRefreshTokens } from './tokens/refresh-tokens.ts';
import { createSealing } from './tokens/sealing.ts';
import { watchClock } from './watched-clock.ts';

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
  const { sessionAbsoluteTtl = toSeconds(90 * DAY) } = options;
  const { sessionIdleTtl = Math.min(toSeconds(7 * DAY), sessionAbsoluteTtl) } = options;
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
  const sessionPolicy = {
    leewayMs: refreshLeewayMs,
    idleTtlMs: sessionIdleTtl * SECOND,
    absoluteTtlMs: sessionAbsoluteTtl * SECOND,
  };
  const { accounts, announceEnded, sessionStore } = administration;
  const credentials = createCredentials();
  const accountHooks = createAccountHooks();
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
    present: accounts.present,
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
    accounts,
    credentials,
    accountHooks,
    deleteAccount: createDeleteAccount({
      database,
      accounts,
      store: administration.store,
      sessionStore,
      credentials,
      hooks: accountHooks,
      onDelete: options.onDelete,
      clock,
      report,
      record,
      announce: revocations.announce,
      announceEnded,
    }),
    exportAccount: createExportAccount({
      database,
      accounts,
      hooks: accountHooks,
      onExport: options.onExport,
      limits,
      clock,
      report,
      record,
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
