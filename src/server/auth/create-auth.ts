import type { CoreReason } from '../../shared/auth/index.ts';
import { accountsSlot } from './accounts/accounts.ts';
import { exportAccountSlot } from './accounts/export-account.ts';
import { accountHooksSlot } from './accounts/factors-router.ts';
import { type DefaultIdentifiers, type Identifiers, isByEmail } from './accounts/identifiers.ts';
import type { Auth } from './auth.ts';
import type { AuthOptions } from './auth-options.ts';
import { checkOptions } from './check-options.ts';
import { coreRouters } from './core-routers.ts';
import { createServices, type Services } from './create-services.ts';
import { type AuthEvent, type FeatureEvent, reportSlot } from './events.ts';
import type { AuthCore, Feature } from './feature.ts';
import { flowCookieSlot } from './flows/flow-cookie.ts';
import { flowsSlot } from './flows/flows.ts';
import { pendingStepsSlot } from './flows/pending-steps.ts';
import { combineMethods, signInMethodsSlot } from './flows/sign-in-methods.ts';
import { demandsSlot } from './gate/demands.ts';
import { freshProofsSlot } from './gate/fresh-proofs.ts';
import { gateSlot } from './gate/gate.ts';
import { subscriptionsSlot } from './gate/subscriptions.ts';
import { createPeek } from './http/peek.ts';
import { limitsSlot } from './limits/limits.ts';
import { mailSlot } from './mail/mail.ts';
import { type MergedRouters, mergeRouters } from './merge-routers.ts';
import { authMigrationSets } from './migration-sets.ts';
import { pendingWorkSlot } from './pending-work.ts';
import { rolesSlot } from './roles.ts';
import { admit } from './sessions/admit.ts';
import { deleteAccountSlot } from './sessions/delete-account.ts';
import { renew } from './sessions/renew.ts';
import { sessionCookiesSlot } from './sessions/session-cookies.ts';
import { sessionsSlot } from './sessions/sessions.ts';
import { createStarting, startingSlot } from './starting.ts';
import { recordEach } from './store/recording.ts';
import { DatabaseUnavailableError } from './store/store.ts';
import { SECRET_MISSING } from './tokens/sealing.ts';
import { aroundCallSlot } from './trpc/around-call.ts';

type KeysOf<TTable> = TTable extends unknown ? Extract<keyof TTable, string> : never;

/** The routers of the core and of the features. */
export type RoutersOf<
  TFeatures extends readonly Feature[],
  TIdentifiers extends Identifiers = DefaultIdentifiers,
> = typeof coreRouters &
  MergedRouters<
    TIdentifiers extends readonly ['email']
      ? NonNullable<TFeatures[number]['routersByEmail']>
      : TFeatures[number]['routers']
  >;

/** Their reasons. */
export type ReasonOf<TFeatures extends readonly Feature[]> = CoreReason | KeysOf<TFeatures[number]['reasons']>;

type EventOf<TFeatures extends readonly Feature[]> = NonNullable<TFeatures[number]['~event']>;

/** An `Auth` that knows the types of what it was made of. Nothing but `createAuth` and `trpcOptions` needs them. */
export interface TypedAuth<TRouters, TReason extends string> extends Auth {
  /** The routers of the core and of the features given: `t.router({ ...auth.routers, … })`. */
  readonly routers: TRouters;
  /** Only a type: every reason that a procedure of `routers` can give. */
  readonly '~reason'?: TReason;
}

export interface FeatureOptions<TFeatures extends readonly Feature[], TIdentifiers extends Identifiers> {
  /** What the app takes beside sessions: `[passwords()]`. */
  features: TFeatures;
  /**
   * What an account is known by. With `['email']` nobody is asked for a username: `auth.register` takes `email` and
   * `password`, `user.username` is null, and `auth.login` takes the address as `username`.
   * @default ['username', 'email']
   */
  identifiers?: TIdentifiers;
  /** Called with every authentication event. */
  onEvent?: (event: AuthEvent<EventOf<TFeatures>>) => void;
}

const checkNeeds = (features: readonly Feature[]): void => {
  const names = new Set(features.map(({ name }) => name));
  if (names.size < features.length) throw new TypeError('A feature was given twice.');
  for (const { name, needs = [] } of features) {
    const missing = needs.filter((needed) => !names.has(needed));
    if (missing.length > 0) throw new TypeError(`The feature ${name} needs ${missing.join(', ')}.`);
  }
};

const checkDataSecret = (features: readonly Feature[], dataSecrets: readonly string[] = []): void => {
  const [sealing] = features.filter(({ needsDataSecret = false }) => needsDataSecret);
  if (sealing !== undefined && dataSecrets.length === 0) {
    throw new TypeError(`The feature ${sealing.name} keeps secrets. ${SECRET_MISSING}`);
  }
};

const coreOf = (services: Services): AuthCore => ({
  database: services.database,
  dialect: services.dialect,
  clock: services.clock,
  origin: services.origin,
  report: services.report,
  record: services.recording.record,
  onBackgroundError: services.onBackgroundError,
  requireEmailVerification: services.requireEmailVerification,
  limits: services.limits,
  accounts: services.accounts,
  credentials: services.credentials,
  sessions: services.sessionEnding,
  admit,
  renew,
  flows: services.flows,
  sealing: services.sealing,
  mailedLinks: services.mailedLinks,
  addresses: services.addresses,
  announce: services.revocations.announce,
  appName: services.appName,
  smtp: services.smtp,
  breachCheckUrl: services.breachCheckUrl,
  mail: services.mail,
  auditRetentionDays: services.auditRetentionDays,
});

/** Ends one after the other, whichever of them fail. @throws what the first of these threw */
const endEach = async (ends: readonly (() => Promise<void>)[]): Promise<void> => {
  const errors: unknown[] = [];
  for (const end of ends) await end().catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw errors[0];
};

const fillSlots = (auth: Auth, services: Services): void => {
  gateSlot.fill(auth, services.gate);
  freshProofsSlot.fill(auth, services.freshProofs);
  subscriptionsSlot.fill(auth, services.subscriptions);
  reportSlot.fill(auth, services.report);
  aroundCallSlot.fill(auth, services.aroundCall);
  rolesSlot.fill(auth, services.roles);
  sessionsSlot.fill(auth, services.sessions);
  sessionCookiesSlot.fill(auth, services.sessionCookies);
  accountsSlot.fill(auth, services.accounts);
  demandsSlot.fill(auth, services.checkDemands);
  limitsSlot.fill(auth, services.limits);
  mailSlot.fill(auth, services.mail);
  accountHooksSlot.fill(auth, services.accountHooks);
  exportAccountSlot.fill(auth, services.exportAccount);
  deleteAccountSlot.fill(auth, services.deleteAccount);
  flowsSlot.fill(auth, services.flows);
  flowCookieSlot.fill(auth, services.flowCookie);
  pendingStepsSlot.fill(auth, services.pendingSteps);
};

/** As `createAuth`, and the services beside it: for tests, which look behind the scenes. */
export const assembleAuth = <
  const TFeatures extends readonly Feature[],
  const TIdentifiers extends Identifiers = DefaultIdentifiers,
>({
  features,
  identifiers,
  onEvent,
  ...options
}: AuthOptions & FeatureOptions<TFeatures, TIdentifiers>) => {
  checkOptions(options);
  checkNeeds(features);
  checkDataSecret(features, options.dataSecrets);
  const byEmail = isByEmail(identifiers ?? ['username', 'email']);
  const listeners: ((event: FeatureEvent) => void)[] = [];
  const services = createServices(options, features, (event) => {
    for (const listener of listeners) listener(event);
  });
  const { origin, allowedOrigins, accounts, revocations, subscriptions, limits } = services;
  const { database: store, migrations = [] } = options;
  let hasOpened = false;

  const end = (): Promise<void> =>
    endEach([
      purging.stop,
      ...installed.toReversed().map((feature) => async () => await feature.stop?.()),
      revocations.stop,
    ]);
  const starting = createStarting({
    start: async () => {
      hasOpened = (await store.open()) || hasOpened;
      await store.migrate([...authMigrationSets(store.dialect, features), ...migrations]);
      try {
        await revocations.start();
        for (const feature of installed) await feature.start?.();
      } catch (error) {
        // So that it can be tried again from the beginning. What went wrong is the start, whatever its end says.
        await end().catch(() => {});
        throw error;
      }
      purging.start();
    },
    stop: () =>
      endEach([
        end,
        async () => {
          if (hasOpened) await store.close();
        },
      ]),
    refusal: () => new DatabaseUnavailableError('This auth was stopped.'),
  });

  const auth: TypedAuth<RoutersOf<TFeatures, TIdentifiers>, ReasonOf<TFeatures>> = {
    origin,
    allowedOrigins,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the types say of the merged records
    routers: mergeRouters([
      coreRouters,
      ...features.map(({ routers, routersByEmail = routers }) => (byEmail ? routersByEmail : routers)),
    ]) as RoutersOf<TFeatures, TIdentifiers>,
    start: starting.start,
    work: async () => {
      await starting.pending();
      for (const feature of installed) await feature.work?.();
      await purging.once();
    },
    stop: starting.stop,
    peek: createPeek({ ...services, starting }),
    findUser: async (id) => {
      await starting.pending();
      return (await accounts.find(id)) ?? null;
    },
    endStreams: subscriptions.endAll,
    isReady: revocations.isLive,
    figures: () => ({
      isFeedLive: revocations.isLive(),
      feedLagMs: revocations.lag(),
      openSubscriptions: subscriptions.count(),
      purgedRows: purging.counts(),
      rateLimited: limits.refused(),
    }),
  };

  fillSlots(auth, services);
  startingSlot.fill(auth, starting);
  pendingWorkSlot.fill(auth, {
    pending: () => {
      const pending = installed.flatMap((feature) => feature.pending?.() ?? []);
      return pending.length === 0 ? undefined : Promise.all(pending);
    },
  });
  const core = coreOf(services);
  const installed = features.map((feature) => feature.install(auth, core));
  features.forEach(({ name }, index) => services.accountHooks.add(name, installed[index] ?? {}));
  for (const feature of installed) {
    services.credentials.add(feature);
    if (feature.onEvent !== undefined) listeners.push(feature.onEvent);
    if (feature.mail !== undefined) services.mail.connect(feature.mail);
    if (feature.recordAll !== undefined) services.recording.listen(feature.recordAll);
    else if (feature.record !== undefined) services.recording.listen(recordEach(feature.record));
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the core and the features given report nothing else
  if (onEvent !== undefined) listeners.push(onEvent as (event: FeatureEvent) => void);
  if (services.requireEmailVerification && !services.mail.isOn()) {
    throw new TypeError('requireEmailVerification needs mail: give the feature mail() and SMTP_URL (smtpUrl).');
  }
  const described = () => installed.map((feature) => feature.methods?.() ?? {});
  signInMethodsSlot.fill(auth, () => combineMethods(described(), services.requireEmailVerification));
  const purging = services.createPurging(installed.map(({ purges = {} }) => purges));

  return { auth, services: { ...services, purging } };
};

/**
 * The server half of the stack, with the features that an app takes.
 * @throws TypeError when an option is invalid; when a feature is given twice, or without one that it needs, or when two
 * share a procedure; without `dataSecrets` or mail where a feature or an option needs them.
 * @example
 * const auth = createAuth({ ...options, features: [passwords()] });
 */
export const createAuth = <
  const TFeatures extends readonly Feature[],
  const TIdentifiers extends Identifiers = DefaultIdentifiers,
>(
  options: AuthOptions & FeatureOptions<TFeatures, TIdentifiers>,
): TypedAuth<RoutersOf<TFeatures, TIdentifiers>, ReasonOf<TFeatures>> => assembleAuth(options).auth;
