import type { Purge } from '../../store/purging.ts';
import type { AuthDatabase } from '../../store/tables.ts';
import { REPLACED_KEPT_MS } from './password-store.ts';
import type { PasswordTables } from './password-tables.ts';

/** Passwords that were replaced so long ago that no address is taken back by them any more. */
export const purgeReplaced = (database: AuthDatabase): Purge => {
  const db = database.withTables<PasswordTables>();
  return async ({ limit, now }) => {
    const replacedBefore = now - REPLACED_KEPT_MS;
    const last = await db
      .selectFrom('auth_replaced_passwords')
      .select('replaced_at')
      .where('replaced_at', '<=', replacedBefore)
      .orderBy('replaced_at')
      .limit(1)
      .offset(limit - 1)
      .executeTakeFirst();
    const { numDeletedRows } = await db
      .deleteFrom('auth_replaced_passwords')
      .where('replaced_at', '<=', last?.replaced_at ?? replacedBefore)
      .executeTakeFirstOrThrow();
    return { purged: Number(numDeletedRows), next: last && 'more' };
  };
};
