import { TRPCClientError } from '@trpc/client';
import { type AuthErrorData, MAIL_REASONS, PASSWORD_REASONS, REASONS, type Reason } from 'latchkey/shared';

type Data = Partial<AuthErrorData> & { code: string };

const answered = (data: Data): Error =>
  TRPCClientError.from({
    error: { code: -32_000, message: 'As the server says it.', data: { requestId: 'request-1', ...data } },
  });

/** A refusal as the server answers it. */
export const refusal = (reason: Reason, data: Partial<AuthErrorData> = {}): Error =>
  answered({ code: { ...REASONS, ...PASSWORD_REASONS, ...MAIL_REASONS }[reason].code, reason, ...data });

/** An input that the server's schema refuses. */
export const refusedFields = (fieldErrors: Record<string, string[]>): Error =>
  answered({ code: 'BAD_REQUEST', fields: { formErrors: [], fieldErrors } });

/** A failure that has no reason. */
export const failure = (code: string): Error => answered({ code });

/** What an answer that names no request is: one of a proxy that speaks like the server. */
export const failureWithoutReference = (): Error =>
  TRPCClientError.from({ error: { code: -32_000, message: '', data: { code: 'INTERNAL_SERVER_ERROR' } } });

/** A call that fails so. */
export const failing = (refused: Error) => (): Promise<never> => Promise.reject(refused);
