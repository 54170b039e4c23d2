import type { Role } from '../../shared/auth/index.ts';
import type { OnExport } from './accounts/export-account.ts';
import type { OnDelete, OnSignUp } from './accounts/sign-up.ts';
import type { BackgroundTask } from './background-task.ts';
import type { Clock } from './clock.ts';
import type { Purge } from './store/purging.ts';
import type { RevocationFeed } from './store/revocation-feed.ts';
import type { MigrationSet, Store } from './store/store.ts';
import type { KeySet } from './tokens/keys.ts';
import type { AroundCall } from './trpc/around-call.ts';

/** What the core of the stack is given by an app. */
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
  /**
   * Where people reach the app, without a path. Its origin is the tokens' issuer; https makes cookies Secure and
   * `__Host-`.
   */
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
   * @default 604_800 (7 days), or `sessionAbsoluteTtl` where that is less
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
