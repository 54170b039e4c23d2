/**
 * The session of a page, for any app with a tRPC client: `createAuthClient`, the two functions that TanStack Query
 * needs, and what there is to ask of an error.
 *
 * @packageDocumentation
 */

export { type AuthClient, type AuthClientOf, type AuthClientOptions, createAuthClient } from './auth-client.ts';
export { browserEnvironment } from './browser/environment.ts';
export type { AuthEnvironment, HintStore, TabChannel, TabLocks } from './environment.ts';
export {
  causeOf,
  fieldsOf,
  IdentityChangedError,
  isDefect,
  isIdentityChanged,
  isOffline,
  NextStepError,
  OfflineError,
  reasonOf,
} from './errors.ts';
export type { ReauthenticationHandler, ReauthenticationRequest } from './link/reauthentication.ts';
export { leaveUser } from './query-client/leave-user.ts';
export { type QueryDefaults, queryDefaults } from './query-client/query-defaults.ts';
export { retryUnlessRefused } from './retry.ts';
export type { AuthState, SessionEnd } from './session/state.ts';
