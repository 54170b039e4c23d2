import type { TRPCRouterRecord } from '@trpc/server';
import { userProcedures } from './accounts/user-router.ts';
import { authProcedures } from './sessions/auth-router.ts';
import { sessionsProcedures } from './sessions/sessions-router.ts';

/** The procedures of the core. */
export const coreRouters = {
  auth: authProcedures,
  user: userProcedures,
  sessions: sessionsProcedures,
} satisfies TRPCRouterRecord;
