import type { TRPCDefaultErrorShape, TRPCError } from '@trpc/server';
import type { AuthErrorData, FieldErrors } from '../../../shared/auth/index.ts';
import type { AuthContext } from '../context.ts';
import { createMark } from '../mark.ts';
import { refusalOf } from '../refusal.ts';
import { fieldErrorsOf, validatorWordsOf } from './refused-input.ts';

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
const requestIds = createMark<string>('requestId');

/** Ties an error to its request, for errors raised before the context was made. */
export const tagWithRequest = (error: TRPCError, requestId: string): void => {
  requestIds.put(error, requestId);
};

/**
 * Errors whose words are the app's or ours. tRPC raises the same class with words of its own, which quote the request.
 */
const ownWords = createMark<true>('ownWords');

/** Lets an error's message reach the client: what a resolver throws, it means to say. */
export const keepWords = (error: TRPCError): TRPCError => {
  ownWords.put(error, true);
  return error;
};

/** Whether the words are those of the cause, which nobody chose for the client. */
const isBorrowed = ({ message, cause }: TRPCError): boolean => cause !== undefined && cause.message === message;

/** What a validator threw at an input. An app may pass on what its own found in the same form. */
const validationErrorOf = (error: TRPCError): Error | undefined =>
  error.code === 'BAD_REQUEST' ? error.cause : undefined;

/** Own words pass, and a validator's; those of an unexpected error or of a library never do (ASVS 16.5.1). */
const messageOf = (error: TRPCError, fields: FieldErrors | undefined): string => {
  if (error.code === 'INTERNAL_SERVER_ERROR') return UNEXPECTED;
  if (refusalOf(error) !== undefined) return error.message;
  const plainWords = PLAIN_WORDS[error.code] ?? UNEXPECTED;
  if (ownWords.of(error) !== true) return plainWords;
  if (!isBorrowed(error)) return error.message === error.code ? plainWords : error.message;
  if (fields !== undefined) return INVALID_INPUT;
  const thrown = validationErrorOf(error);
  return (thrown && validatorWordsOf(thrown)) ?? plainWords;
};

/** tRPC's error shape without a stack, and with what the stack adds to its data. */
export type AuthErrorShape<TReason extends string = string> = Omit<TRPCDefaultErrorShape, 'data'> & {
  data: Omit<TRPCDefaultErrorShape['data'], 'stack'> & AuthErrorData<TReason>;
};

/**
 * tRPC's error shape with the stack's own data: reason, cause, fields, request id. Never a stack or a library's words.
 */
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
  const thrown = validationErrorOf(error);
  const fields = thrown && fieldErrorsOf(thrown);
  const { code, httpStatus, path } = shape.data;
  return {
    message: messageOf(error, fields),
    code: shape.code,
    data: {
      code,
      httpStatus,
      ...(path !== undefined && { path }),
      requestId: ctx?.request.id ?? requestIds.of(error) ?? '',
      ...(refusal && { reason: refusal.reason, ...refusal.details }),
      ...(fields && { fields }),
    },
  };
};
