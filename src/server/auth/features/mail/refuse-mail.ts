import { MAIL_REASONS } from '../../../../shared/auth/features/mail.ts';
import { createRefuse } from '../../refusal.ts';

/** Refuses for a reason of this feature. */
export const refuseMail = createRefuse(MAIL_REASONS);
