import { coreRouters } from 'latchkey/server';
import { auditRouters } from 'latchkey/server/audit';
import { mailRouters } from 'latchkey/server/mail';
import { passwordRouters } from 'latchkey/server/passwords';
import { recoveryRouters } from 'latchkey/server/recovery';
import { notesRouter } from './notes-router.ts';
import { router } from './trpc.ts';

/** Every procedure of the app. The client imports its type, and nothing else of the server. */
export const appRouter = router({
  ...coreRouters,
  ...auditRouters,
  auth: { ...coreRouters.auth, ...passwordRouters.auth, ...mailRouters.auth, ...recoveryRouters.auth },
  user: { ...coreRouters.user, ...mailRouters.user },
  notes: notesRouter,
});

export type AppRouter = typeof appRouter;
