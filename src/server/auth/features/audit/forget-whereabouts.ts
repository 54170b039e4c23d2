import type { AuthDatabase } from '../../store/tables.ts';
import { withEvents } from './audit-tables.ts';

/**
 * What happened to an account that goes stays, under an id that names nobody. From where and with which browser its
 * owner did it names them as well, and goes with them (GDPR, article 17).
 */
export const forgetWhereabouts = async (userId: string, transaction: AuthDatabase): Promise<void> => {
  await withEvents(transaction)
    .updateTable('auth_events')
    .set({ ip: null, user_agent: null })
    .where('user_id', '=', userId)
    // From where an administrator did something to the account is no business of its owner's, gone or not.
    .where('actor_id', 'is', null)
    .execute();
};
