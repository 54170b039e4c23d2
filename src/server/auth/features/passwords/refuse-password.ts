import { PASSWORD_REASONS } from '../../../../shared/auth/features/passwords.ts';
import { createRefuse } from '../../refusal.ts';

/** Refuses for a reason of this feature. */
export const refusePassword = createRefuse(PASSWORD_REASONS);
