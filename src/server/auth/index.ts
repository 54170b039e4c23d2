/**
 * The server half: `createAuth`, the procedures and `trpcOptions` for a tRPC router, and `fromEnv`. A store comes from
 * `latchkey/sqlite` or `latchkey/postgres`, a handler from `latchkey/express`, `latchkey/node` or `latchkey/fetch`.
 *
 * @packageDocumentation
 */

export type { AccountChange, AccountChanges, ManagedAccount } from './accounts/account-changes.ts';
export type { OnExport } from './accounts/export-account.ts';
export type { DefaultIdentifiers } from './accounts/identifiers.ts';
export type { OnDelete, OnSignUp, SignUp } from './accounts/sign-up.ts';
export type { Auth, AuthFigures, PeekRequest } from './auth.ts';
export type { AuthOptions } from './auth-options.ts';
export type { BackgroundTask } from './background-task.ts';
export { type Clock, systemClock } from './clock.ts';
export type { AuthContext } from './context.ts';
export { coreRouters } from './core-routers.ts';
export { createAuth, type FeatureOptions, type ReasonOf, type RoutersOf, type TypedAuth } from './create-auth.ts';
export { loadEnvFile } from './env/env-file.ts';
export { type EnvOptions, fromEnv } from './env/from-env.ts';
export { type ReadVariables, readAuthVariables } from './env/read-auth-variables.ts';
export type { Env, Problems } from './env/read-variables.ts';
export type { AuthVariables } from './env/variables.ts';
export type { AuthEvent, Initiator } from './events.ts';
export type { AuthCore, Feature } from './feature.ts';
export { inTurn } from './http/in-turn.ts';
export { type RequestRecord, requestRecordOf } from './http/request-record.ts';
export { authMigrationSets } from './migration-sets.ts';
export { createRefuse, type RefusalDetails, reasonOf, refuse } from './refusal.ts';
export type { AuthRequest, CookieJar } from './request.ts';
export { freshSessionProcedure } from './sessions/own-session.ts';
export type { PresentedCookies } from './sessions/refreshing.ts';
export type { Purge } from './store/purging.ts';
export type { RevocationFeed } from './store/revocation-feed.ts';
export type { StatementListener } from './store/statement-listener.ts';
export { DatabaseUnavailableError, type MigrationSet, type Store, type TablesOf } from './store/store.ts';
export { isStoreUnavailable } from './store/store-errors.ts';
export type { AuthDatabase, AuthTables, Dialect } from './store/tables.ts';
export type { Principal } from './tokens/access-tokens.ts';
export { createPrivateKeySet, createSecretKeySet, type KeySet, type PrivateKeyPem, publicJwks } from './tokens/keys.ts';
export type { AroundCall, Call } from './trpc/around-call.ts';
export type { AuthErrorShape } from './trpc/error-formatter.ts';
export { type FreshOptions, freshProcedure } from './trpc/fresh.ts';
export { type RootOptions, type TrpcOptions, trpcOptions } from './trpc/options.ts';
export { policiesOf } from './trpc/policies.ts';
export {
  cookieProcedure,
  createCallerFactory,
  type ProcedureMeta,
  protectedCookieProcedure,
  protectedProcedure,
  publicProcedure,
  roleProcedure,
  router,
} from './trpc/procedures.ts';
