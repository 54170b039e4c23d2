import { protectedProcedure, router } from 'latchkey/server';
import { auth } from './auth.ts';

export const appRouter = router({
  ...auth.routers,
  hello: protectedProcedure.query(async ({ ctx }) => {
    const user = await auth.findUser(ctx.user.id);
    return `Hello, ${user?.username}`;
  }),
});

export type AppRouter = typeof appRouter;
