export { type AuthClient, type AuthClientOptions, createAuthClient } from './auth-client.ts';
export { type AuthEnvironment, browserEnvironment, type HintStore } from './environment.ts';
export {
  causeOf,
  fieldsOf,
  IdentityChangedError,
  isIdentityChanged,
  isOffline,
  OfflineError,
  reasonOf,
} from './errors.ts';
export { retryUnlessRefused } from './retry.ts';
export type { AuthState, SessionEnd } from './state.ts';
