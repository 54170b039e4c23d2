import { authRouter, sessionsRouter, userRouter } from '#server/auth/index.ts';
import { notesRouter } from './notes-router.ts';
import { router } from './trpc.ts';

/** Every procedure of the app. The client imports its type, and nothing else of the server. */
export const appRouter = router({
  auth: authRouter,
  user: userRouter,
  sessions: sessionsRouter,
  notes: notesRouter,
});

export type AppRouter = typeof appRouter;
