import type { Auth } from '../../auth.ts';
import type { AuthCore, InstalledFeature } from '../../feature.ts';
import { createSlot } from '../../slot.ts';
import { passwordsOf } from '../passwords/index.ts';
import { createLater } from './later.ts';
import { createRequestReset, type RequestReset } from './request-reset.ts';
import { createResetPassword, type ResetPassword } from './reset-password.ts';

interface RecoveryService {
  requestReset: RequestReset;
  resetPassword: ResetPassword;
}

const slot = createSlot<RecoveryService>('recovery', 'Add recovery() to the features of createAuth.');

export const recoveryOf = (auth: Auth): RecoveryService => slot.of(auth);

export const installRecovery = (auth: Auth, core: AuthCore): InstalledFeature => {
  const later = createLater((error) => core.onBackgroundError(error, 'mail'));
  slot.fill(auth, {
    requestReset: createRequestReset({ core, later }),
    resetPassword: createResetPassword({ core, passwords: passwordsOf(auth) }),
  });
  return {
    pending: later.pending,
    work: async () => await later.pending(),
    stop: async () => await later.pending(),
  };
};
