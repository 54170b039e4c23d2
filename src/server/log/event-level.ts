import type { AuthEvent } from 'latchkey/server';
import type { PasswordEvent } from 'latchkey/server/passwords';

/** What an operator must see, at `LOG_LEVEL=warn` too: a copied token is about, or the store loses writes. */
export const levelOf = (event: AuthEvent<PasswordEvent>): 'info' | 'warn' => {
  switch (event.event) {
    case 'session.ended':
      return event.cause === 'reuse' ? 'warn' : 'info';
    case 'session.refreshed':
      return event.how === 'recover' ? 'warn' : 'info';
    case 'session.forked':
      return 'warn';
    default:
      return 'info';
  }
};
