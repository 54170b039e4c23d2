import type { TRPCRouterRecord } from '@trpc/server';
import { userProcedures } from './accounts/user-router.ts';
import { flowsProcedures } from './flows/flows-router.ts';
import { authProcedures } from './sessions/auth-router.ts';
import { sessionsProcedures } from './sessions/sessions-router.ts';

/** The procedures of the core. */
export const coreRouters = {
  auth: { ...authProcedures, ...flowsProcedures },
  user: userProcedures,
  sessions: sessionsProcedures,
} satisfies TRPCRouterRecord;
