import type { AuthEvent } from 'latchkey/server';
import type { MailEvent } from 'latchkey/server/mail';
import type { PasswordEvent } from 'latchkey/server/passwords';
import type { RecoveryEvent } from 'latchkey/server/recovery';

/**
 * What an operator must see, at `LOG_LEVEL=warn` too: a copied token is about, the store loses writes, or mails do not
 * arrive or are not written.
 */
export const levelOf = (event: AuthEvent<PasswordEvent | MailEvent | RecoveryEvent>): 'info' | 'warn' => {
  switch (event.event) {
    case 'session.ended':
      return event.cause === 'reuse' ? 'warn' : 'info';
    case 'session.refreshed':
      return event.how === 'recover' ? 'warn' : 'info';
    case 'session.forked':
    case 'mail.failed':
    case 'password.reset_dropped':
    case 'breach_check.failed':
      return 'warn';
    default:
      return 'info';
  }
};
