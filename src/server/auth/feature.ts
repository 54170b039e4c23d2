import type { TRPCRouterRecord } from '@trpc/server';
import type { Migration } from 'kysely';
import type { ReasonTable, SignInMethods } from '../../shared/auth/index.ts';
import type { SessionEnding } from './accounts/account-changes.ts';
import type { FeatureAccounts } from './accounts/account-hooks.ts';
import type { Accounts } from './accounts/accounts.ts';
import type { AddressChanges } from './accounts/address-changes.ts';
import type { Credentials, FeatureCredentials } from './accounts/credentials.ts';
import type { Auth } from './auth.ts';
import type { BackgroundTask } from './background-task.ts';
import type { Clock } from './clock.ts';
import type { EventSource, FeatureEvent, Report } from './events.ts';
import type { Flows } from './flows/flows.ts';
import type { MailedLinks } from './flows/mailed-links.ts';
import type { Limits } from './limits/limits.ts';
import type { RateLimit } from './limits/rate-limit.ts';
import type { MailQueue } from './mail/mail.ts';
import type { admit } from './sessions/admit.ts';
import type { renew } from './sessions/renew.ts';
import type { Purge } from './store/purging.ts';
import type { RecordEvents } from './store/recording.ts';
import type { Announce } from './store/revocation-feed.ts';
import type { AuthDatabase, Dialect } from './store/tables.ts';
import type { Sealing } from './tokens/sealing.ts';

/** What the core gives to a feature. */
export interface AuthCore {
  readonly database: AuthDatabase;
  readonly dialect: Dialect;
  readonly clock: Clock;
  readonly origin: string;
  /** What people call the app, in mails and wherever they see its name outside of it. */
  readonly appName: string;
  /** For mails to be sent by: `smtpUrl` and `mailFrom` of `createAuth`. */
  readonly smtp: SmtpSettings;
  /** Where breached passwords are looked up, if they are. */
  readonly breachCheckUrl: string | undefined;
  readonly report: Report<FeatureEvent>;
  /** Records in a transaction what `report` is told of after the commit. */
  readonly record: RecordEvents<FeatureEvent>;
  /** To be told of work that no request waits for and that has failed. */
  readonly onBackgroundError: (error: unknown, task: BackgroundTask) => void;
  readonly limits: Limits;
  readonly accounts: Accounts;
  /** What the features given prove by who one is. */
  readonly credentials: Credentials;
  readonly sessions: SessionEnding;
  /**
   * The one door, for somebody whom the feature has made prove who they are: starts a session in place of the browser's
   * last one, and writes its cookies. For a mutation of the router `auth` that is built on `cookieProcedure`.
   * @throws what the claim throws when it holds no longer: then nothing has happened
   */
  readonly admit: typeof admit;
  /**
   * Where a change of a credential ends: renews the session of whoever calls with the change, and ends all others of
   * the account. For a mutation of the router `auth` that is built on `freshSessionProcedure`. All that it does belongs
   * into the change: a call that is told that its token is stale is sent again.
   * @throws `access_token_stale` where the session has ended in the meantime; what the change throws
   */
  readonly renew: typeof renew;
  /** What people have begun and not finished. */
  readonly flows: Flows;
  /** Whether an account is made only once its address is confirmed. */
  readonly requireEmailVerification: boolean;
  /** Begins those that are finished by a mailed link. */
  readonly mailedLinks: MailedLinks;
  readonly addresses: AddressChanges;
  /** Encrypts what the feature keeps and has to give back. */
  readonly sealing: Sealing;
  /** Makes known to every process what the feature has revoked by itself and committed. */
  readonly announce: Announce;
  /** Mails are queued by it, in the transaction of what they tell. Nothing is without the feature `mail`. */
  readonly mail: MailQueue;
  /** For how many days events are kept, by the feature `audit`. */
  readonly auditRetentionDays: number;
}

/** Where mails are handed to, and in whose name, as an app's variables say. */
export interface SmtpSettings {
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string | undefined;
}

/** What a feature adds once it is installed. */
export interface InstalledFeature<TEvent extends FeatureEvent = FeatureEvent>
  extends FeatureCredentials,
    FeatureAccounts {
  /** Called with every event of the core and of the feature, after its commit. */
  onEvent?(event: TEvent): void;
  /**
   * Called with every event that changes something, and with every proof that was refused, of the core and of all
   * features, in the transaction of what it tells. If it throws, that has not happened.
   */
  record?(event: EventSource & FeatureEvent, transaction: AuthDatabase): Promise<void>;
  /** In its place, with all that one transaction tells at once: an import has a hundred. */
  recordAll?(events: readonly (EventSource & FeatureEvent)[], transaction: AuthDatabase): Promise<void>;
  /** What is to be removed once it is over, by the names under which the rows are counted. */
  readonly purges?: Readonly<Record<string, Purge>>;
  /** What `AuthCore.mail` hands to. Of the feature `mail` alone. */
  readonly mail?: MailQueue;
  /** Does once what is due, for `auth.work()`. */
  work?(): Promise<void>;
  /**
   * Asked with each request, for runtimes that stop in between and where no timer fires: what is under way for nobody
   * in particular, begun now if it is due. Undefined where there is nothing.
   */
  pending?(): Promise<void> | undefined;
  /** What it adds to `auth.methods`: that a page of signing in has it to offer. */
  methods?(): Partial<SignInMethods>;
  start?(): Promise<void>;
  /** Called where a start has failed as well, whether or not it came to this feature. Another start may follow. */
  stop?(): Promise<void>;
}

/**
 * A capability that an app takes or leaves: `createAuth({ features: [passwords()] })`. One that is not given leaves no
 * table, no procedure and no dependency behind.
 */
export interface Feature<
  TRouters extends TRPCRouterRecord = TRPCRouterRecord,
  TReason extends string = string,
  TEvent extends FeatureEvent = FeatureEvent,
  TRoutersByEmail extends TRPCRouterRecord = TRouters,
> {
  /** As in `latchkey/server/NAME`, in camel case. */
  readonly name: string;
  /** The names of features that it cannot do without. */
  readonly needs?: readonly string[];
  /** Whether it keeps what has to be sealed: `createAuth` then asks for `dataSecrets`. @default false */
  readonly needsDataSecret?: boolean;
  /** Static, so that `typeof appRouter` is tRPC's own type. Several features may add to one router. */
  readonly routers: TRouters;
  /** In their place where accounts have no username (`createAuth({ identifiers: ['email'] })`). @default routers */
  readonly routersByEmail?: TRoutersByEmail;
  readonly reasons: ReasonTable<TReason>;
  /** By name; no two features share one. */
  readonly limits?: Readonly<Record<string, RateLimit>>;
  /** The feature's own tables, in a migration table of their own. */
  migrations?(dialect: Dialect): Record<string, Migration>;
  /** Puts the feature's service into its slot, where its routers find it. */
  install(auth: Auth, core: AuthCore): InstalledFeature<TEvent>;
  /** Only a type: what `onEvent` of `createAuth` is told of beside the core's events. */
  readonly '~event'?: TEvent;
}
