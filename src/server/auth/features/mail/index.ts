/**
 * Mails, as a feature: `createAuth({ features: [passwords(), mail()] })`. They are written to the database with what
 * they tell, and leave from there.
 *
 * @packageDocumentation
 */
import { MAIL_REASONS, type MailReason } from '../../../../shared/auth/index.ts';
import type { Feature } from '../../feature.ts';
import type { MailEvent } from './mail-events.ts';
import { mailMigrations } from './mail-migrations.ts';
import { mailRouters } from './mail-routers.ts';

export type { MailEvent } from './mail-events.ts';
export { mailRouters } from './mail-routers.ts';

export type MailFeature = Feature<typeof mailRouters, MailReason, MailEvent>;

/**
 * Mails about an account, over SMTP: `smtpUrl` and `mailFrom` of `createAuth`, or the variables `SMTP_URL` and
 * `MAIL_FROM`. Without them mail is off.
 *
 * @example
 * createAuth({ ...fromEnv(), features: [passwords(), mail()] });
 */
export const mail = (): MailFeature => ({
  name: 'mail',
  routers: mailRouters,
  reasons: MAIL_REASONS,
  migrations: mailMigrations,
  install: () => ({}),
});
