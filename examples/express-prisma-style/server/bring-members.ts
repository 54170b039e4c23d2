import { eq, sql } from 'drizzle-orm';
import { authUsers } from 'latchkey/drizzle';
import { importMembers } from 'latchkey/server/passwords';
import { auth } from './auth.ts';
import { db } from './db.ts';
import { members, profiles } from './schema.ts';

/** Members that are there already are left alone, so this may run at each start. */
export const bringMembers = async (): Promise<void> => {
  const before = db.select().from(members).all();
  const { refused } = await importMembers(auth, before);
  for (const { index, reason } of refused) {
    if (reason !== 'id_taken') console.warn(`The member ${before[index]?.id} was left out: ${reason}.`);
  }
  const brought = db
    .select({ memberId: members.id, plan: members.plan })
    .from(members)
    .innerJoin(authUsers, eq(authUsers.id, members.id))
    .where(sql`true`);
  db.insert(profiles).select(brought).onConflictDoNothing().run();
};
