import type { TRPCError } from '@trpc/server';
import type { CoreEvent, Report } from '../../events.ts';
import { reasonOf } from '../../refusal.ts';
import type { AuthRequest } from '../../request.ts';
import type { RecordEvents } from '../../store/recording.ts';
import type { AuthDatabase } from '../../store/tables.ts';

/** Tells of a login that was refused, and returns the refusal. `userId`: the account whose name was typed. */
export type RefuseLogin = (request: AuthRequest, refusal: TRPCError, userId?: string) => Promise<TRPCError>;

export const createRefuseLogin =
  ({ database, report, record }: { database: AuthDatabase; report: Report; record: RecordEvents }): RefuseLogin =>
  async (request, refusal, userId) => {
    const reason = reasonOf(refusal) ?? 'invalid_credentials';
    const event: CoreEvent = { event: 'login.refused', reason, ...(userId !== undefined && { userId }) };
    // What was limited is no proof that was refused: nobody looked at it, and it can be sent without end.
    if (reason === 'invalid_credentials') await record(database, request, [event]);
    report(request, event);
    return refusal;
  };
