import { compare } from 'bcryptjs';
import type { Kyselify } from 'drizzle-orm/kysely';
import { createAuth, fromEnv } from 'latchkey/server';
import { passwords } from 'latchkey/server/passwords';
import { sqlite } from 'latchkey/sqlite';
import { FILE } from './db.ts';
import type { profiles } from './schema.ts';

export const auth = createAuth({
  ...fromEnv(),
  database: sqlite(FILE),
  features: [passwords({ verifyLegacyHash: (password, hash) => compare(password, hash) })],
  // In the transaction that makes the account: there is none without a profile.
  onSignUp: async ({ user, transaction }) => {
    const tables = transaction.withTables<{ profiles: Kyselify<typeof profiles> }>();
    await tables.insertInto('profiles').values({ member_id: user.id }).execute();
  },
});
