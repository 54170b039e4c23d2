import { TRPCError } from '@trpc/server';
import { eq } from 'drizzle-orm';
import { authUsers } from 'latchkey/drizzle';
import { auth } from './auth.ts';
import { db } from './db.ts';
import { profiles } from './schema.ts';
import { protectedProcedure, router } from './trpc.ts';

export const appRouter = router({
  ...auth.routers,
  hello: protectedProcedure.query(({ ctx }) => {
    const member = db
      .select({ name: authUsers.username, since: authUsers.createdAt, plan: profiles.plan })
      .from(profiles)
      .innerJoin(authUsers, eq(authUsers.id, profiles.memberId))
      .where(eq(profiles.memberId, ctx.user.id))
      .get();
    if (member === undefined) throw new TRPCError({ code: 'NOT_FOUND' });
    return { greeting: `Hello, ${member.name}`, since: member.since, plan: member.plan };
  }),
});

export type AppRouter = typeof appRouter;
