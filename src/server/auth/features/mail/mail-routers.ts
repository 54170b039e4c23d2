import type { TRPCRouterRecord } from '@trpc/server';

/** What mailed links are answered with. */
export const mailRouters = {} satisfies TRPCRouterRecord;
