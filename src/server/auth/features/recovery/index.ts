/**
 * Forgotten passwords, as a feature: `createAuth({ features: [passwords(), mail(), recovery()] })`. A link is mailed,
 * and the page that it leads to sets a new password.
 *
 * @packageDocumentation
 */
import type { Feature } from '../../feature.ts';
import type { RecoveryEvent } from './recovery-events.ts';
import { recoveryRouters } from './recovery-routers.ts';
import { installRecovery } from './recovery-service.ts';

export type { RecoveryEvent } from './recovery-events.ts';
export { recoveryRouters } from './recovery-routers.ts';

export type RecoveryFeature = Feature<typeof recoveryRouters, never, RecoveryEvent>;

/**
 * `auth.requestPasswordReset` and `auth.resetPassword`.
 *
 * @throws TypeError from `createAuth` without `passwords()` and `mail()`.
 * @example
 * createAuth({ ...fromEnv(), features: [passwords(), mail(), recovery()] });
 */
export const recovery = (): RecoveryFeature => ({
  name: 'recovery',
  needs: ['passwords', 'mail'],
  routers: recoveryRouters,
  reasons: {},
  install: installRecovery,
});
