import { TRPCError } from '@trpc/server';
import { z } from 'zod/v4';

/** Refuses an input for a field of it, as its schema would: what was wrong with it shows only now. */
export const refuseField = (field: string, message: string): TRPCError =>
  new TRPCError({
    code: 'BAD_REQUEST',
    cause: new z.ZodError([{ code: 'custom', path: [field], message, input: undefined }]),
  });
