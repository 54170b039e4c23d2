import { TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import type { TestReply } from '#client/auth/testing/server.ts';
import { formatError } from '#server/auth/trpc/error-formatter.ts';

export const resultReply = (data: unknown): TestReply => ({ body: { result: { data } } });

/** What tRPC answers when a procedure throws. */
export const refusedReply = (thrown: unknown): TestReply => {
  const error = thrown instanceof TRPCError ? thrown : new TRPCError({ code: 'INTERNAL_SERVER_ERROR' });
  const status = getHTTPStatusCodeFromError(error);
  const shape = {
    message: error.message,
    code: TRPC_ERROR_CODES_BY_KEY[error.code],
    data: { code: error.code, httpStatus: status },
  };
  return { status, body: { error: formatError({ shape, error, ctx: undefined }) } };
};

/** What a captive portal says to everything. */
export const portalReply: TestReply = { status: 200, body: '<!doctype html><title>Welcome to the airport</title>' };

/** The reason in a reply, undefined if it gives none. */
export const reasonIn = (reply: TestReply | null): unknown => {
  const body = reply?.body;
  const error: unknown = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  const data: unknown = typeof error === 'object' && error !== null && 'data' in error ? error.data : undefined;
  return typeof data === 'object' && data !== null && 'reason' in data ? data.reason : undefined;
};

/** The access token in a reply, if it brings one. */
export const accessTokenIn = ({ body }: TestReply): string | null => {
  const result: unknown = typeof body === 'object' && body !== null && 'result' in body ? body.result : undefined;
  const data: unknown = typeof result === 'object' && result !== null && 'data' in result ? result.data : undefined;
  const token: unknown =
    typeof data === 'object' && data !== null && 'accessToken' in data ? data.accessToken : undefined;
  return typeof token === 'string' ? token : null;
};
