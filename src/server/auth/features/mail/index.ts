/**
 * Mails, as a feature: `createAuth({ features: [passwords(), mail()] })`. They are written to the database with what
 * they tell, and leave from there.
 *
 * @packageDocumentation
 */
import { MAIL_REASONS, type MailReason } from '../../../../shared/auth/features/mail.ts';
import type { Feature } from '../../feature.ts';
import { installLinks } from './link-service.ts';
import type { MailEvent } from './mail-events.ts';
import { mailMigrations } from './mail-migrations.ts';
import { mailRouters } from './mail-routers.ts';
import { installMail, type MailOptions } from './mail-service.ts';

export type { MailEvent } from './mail-events.ts';
export { mailRouters } from './mail-routers.ts';
export { countWaitingMails, type KeptMail, type MailOptions, readMailbox } from './mail-service.ts';
export type { MailContent, RenderedMail } from './outgoing-mail.ts';
export { refuseMail } from './refuse-mail.ts';
export type { RenderMail } from './send-mail.ts';

export type MailFeature = Feature<typeof mailRouters, MailReason, MailEvent>;

/**
 * Mails about an account, over SMTP: `smtpUrl` and `mailFrom` of `createAuth`, or the variables `SMTP_URL` and
 * `MAIL_FROM`. Without them mail is off.
 *
 * @throws TypeError from `createAuth` when one of them is wrong, or `dataSecrets`, which seal what waits to be sent,
 * are missing.
 * @example
 * createAuth({ ...fromEnv(), features: [passwords(), mail()] });
 */
export const mail = (options: MailOptions = {}): MailFeature => ({
  name: 'mail',
  routers: mailRouters,
  reasons: MAIL_REASONS,
  migrations: mailMigrations,
  install: (auth, core) => {
    installLinks(auth, core);
    return { ...installMail(auth, core, options), methods: () => ({ mail: core.mail.isOn() }) };
  },
});
