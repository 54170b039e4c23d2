import type { ReasonTable } from '../reason-table.ts';

export type MailReason = 'mail_unavailable';

export const MAIL_REASONS = {
  mail_unavailable: {
    code: 'SERVICE_UNAVAILABLE',
    message: 'This app cannot send e-mail at the moment. Ask the people who run it.',
  },
} as const satisfies ReasonTable<MailReason>;
