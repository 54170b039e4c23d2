import type { TRPCDefaultErrorShape, TRPCError } from '@trpc/server';
import { z } from 'zod';
import type { AuthErrorData } from '../../shared/auth/index.ts';
import type { AuthContext } from './context.ts';
import { refusalOf } from './refusal.ts';

/** What is said of an error whose own words come from a library, or were never meant for a person. */
const PLAIN_WORDS: Partial<Record<TRPCError['code'], string>> = {
  BAD_REQUEST: 'The request could not be read. Check its form.',
  PARSE_ERROR: 'The request could not be read. Check its form.',
  PAYLOAD_TOO_LARGE: 'The request is too large.',
  UNSUPPORTED_MEDIA_TYPE: 'Send the request as application/json.',
  METHOD_NOT_SUPPORTED: 'This method is not supported here.',
  NOT_FOUND: 'There is nothing here by this name.',
};
const UNEXPECTED = 'Something went wrong on our side. Try again in a moment.';
const INVALID_INPUT = 'Some of the input is not right. Check the fields.';

/** Errors that tRPC raises before there is a context: the request that each belongs to. */
const requestIds = new WeakMap<TRPCError, string>();

/** Ties an error to its request, for errors raised before the context was made. */
export const tagWithRequest = (error: TRPCError, requestId: string): void => {
  requestIds.set(error, requestId);
};

/** Errors whose words are the app's or ours. tRPC raises the same class with words of its own, which quote the request. */
const withOwnWords = new WeakSet<TRPCError>();

/** Lets an error's message reach the client: what a resolver throws, it means to say. */
export const keepWords = (error: TRPCError): TRPCError => {
  withOwnWords.add(error);
  return error;
};

/** Own words pass; those of an unexpected error or of a library never do (ASVS 16.5.1). */
const messageOf = (error: TRPCError): string => {
  if (error.code === 'INTERNAL_SERVER_ERROR') return UNEXPECTED;
  if (error.cause instanceof z.ZodError) return INVALID_INPUT;
  if (refusalOf(error) !== undefined) return error.message;
  const isBorrowed = error.cause !== undefined && error.cause.message === error.message;
  const isOwn = withOwnWords.has(error) && !isBorrowed && error.message !== error.code;
  return isOwn ? error.message : (PLAIN_WORDS[error.code] ?? UNEXPECTED);
};

type AuthErrorShape = Omit<TRPCDefaultErrorShape, 'data'> & {
  data: Omit<TRPCDefaultErrorShape['data'], 'stack'> & AuthErrorData;
};

/** tRPC's error shape with the stack's own data: reason, cause, fields, request id. Never a stack or a library's words. */
export const formatError = ({
  shape,
  error,
  ctx,
}: {
  shape: TRPCDefaultErrorShape;
  error: TRPCError;
  ctx: AuthContext | undefined;
}): AuthErrorShape => {
  const refusal = refusalOf(error);
  const { code, httpStatus, path } = shape.data;
  return {
    message: messageOf(error),
    code: shape.code,
    data: {
      code,
      httpStatus,
      ...(path !== undefined && { path }),
      requestId: ctx?.request.id ?? requestIds.get(error) ?? '',
      ...(refusal && { reason: refusal.reason, ...refusal.details }),
      ...(error.cause instanceof z.ZodError && { fields: z.flattenError(error.cause) }),
    },
  };
};
