import type { Kyselify } from 'drizzle-orm/kysely';
import type { OnSignUp } from 'latchkey/server';
import type { profiles } from './schema.ts';

/** In the transaction that makes the account: there is none without a profile. */
export const onSignUp: OnSignUp = async ({ user, transaction }) => {
  const tables = transaction.withTables<{ profiles: Kyselify<typeof profiles> }>();
  await tables.insertInto('profiles').values({ member_id: user.id }).execute();
};
