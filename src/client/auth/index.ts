export { type AuthClient, type AuthClientOptions, createAuthClient } from './auth-client.ts';
export { type AuthEnvironment, browserEnvironment } from './environment.ts';
export {
  causeOf,
  fieldsOf,
  IdentityChangedError,
  isIdentityChanged,
  isOffline,
  OfflineError,
  reasonOf,
} from './errors.ts';
export type { HintStore } from './hint-cookie.ts';
export { retryUnlessRefused } from './retry.ts';
export type { AuthState, SessionEnd } from './state.ts';
export type { TabChannel } from './tab-channel.ts';
export type { TabLocks } from './turns.ts';
