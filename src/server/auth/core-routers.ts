import type { TRPCRouterRecord } from '@trpc/server';
import { factorsProcedures } from './accounts/factors-router.ts';
import { userProcedures } from './accounts/user-router.ts';
import { flowsProcedures } from './flows/flows-router.ts';
import { authProcedures } from './sessions/auth-router.ts';
import { deletionProcedures } from './sessions/deletion-router.ts';
import { sessionsProcedures } from './sessions/sessions-router.ts';

/** The procedures of the core. */
export const coreRouters = {
  auth: { ...authProcedures, ...flowsProcedures, ...deletionProcedures },
  user: userProcedures,
  factors: factorsProcedures,
  sessions: sessionsProcedures,
} satisfies TRPCRouterRecord;
