import { TRPCError, type TRPCRouterRecord } from '@trpc/server';
import { EVENTS_PAGE_DEFAULT, type EventsPage, listEventsInput } from '../../../../shared/auth/features/audit.ts';
import { protectedProcedure } from '../../trpc/procedures.ts';
import { auditOf } from './audit-service.ts';

const auditProcedure = protectedProcedure.meta({ policy: 'protected', feature: 'audit' });

export const auditRouters = {
  events: {
    list: auditProcedure.input(listEventsInput).query(async ({ ctx: { auth, user }, input }): Promise<EventsPage> => {
      const { cursor, limit = EVENTS_PAGE_DEFAULT } = input ?? {};
      const page = await auditOf(auth).list(user.id, { cursor, limit });
      if (page === 'unknown_cursor') {
        throw new TRPCError({
          code: 'BAD_REQUEST',
          message: 'This cursor is not one of ours. Start from the first page.',
        });
      }
      return page;
    }),
  },
} satisfies TRPCRouterRecord;
