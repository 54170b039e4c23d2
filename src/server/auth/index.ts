export type { AccountChange, AccountChanges, ManagedAccount } from './accounts/account-changes.ts';
export type { AroundCall, Call } from './around-call.ts';
export type { Auth, AuthFigures } from './auth.ts';
export { type Clock, systemClock } from './clock.ts';
export type { AuthContext } from './context.ts';
export { coreRouters } from './core-routers.ts';
export { createAuth } from './create-auth.ts';
export type { AuthOptions } from './create-services.ts';
export { type AuthEvent, createReport, type Initiator } from './events.ts';
export type { Feature } from './feature.ts';
export { type AuthHandlerOptions, createAuthHandler } from './http/handler.ts';
export { inTurn } from './http/in-turn.ts';
export { type RequestRecord, requestRecordOf } from './http/request-record.ts';
export { authMigrationSets, type MigrationSet } from './migration-sets.ts';
export { policiesOf } from './policies.ts';
export { createPostgresFeed } from './postgres-feed.ts';
export { createPostgresListener, type ListeningClient, type PostgresListener } from './postgres-listener.ts';
export type { Purge } from './purge.ts';
export { createRefuse, reasonOf, refuse } from './refusal.ts';
export type { AuthRequest, CookieJar } from './request.ts';
export type { RevocationFeed } from './revocation-feed.ts';
export { createSqliteFeed } from './sqlite-feed.ts';
export { isStoreUnavailable } from './store-errors.ts';
export type { AuthDatabase, AuthTables, Dialect } from './tables.ts';
export type { Principal } from './tokens/access-tokens.ts';
export { createPrivateKeySet, createSecretKeySet, type KeySet, type PrivateKeyPem, publicJwks } from './tokens/keys.ts';
export { trpcOptions } from './trpc/options.ts';
export {
  cookieProcedure,
  createCallerFactory,
  type ProcedureMeta,
  protectedProcedure,
  publicProcedure,
  roleProcedure,
  router,
} from './trpc.ts';
