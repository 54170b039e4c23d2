import type { AnyRouter } from '@trpc/server';
import { MAX_BATCH_CALLS } from '../../../shared/auth/cookies.ts';
import { checkRouter } from '../trpc/policies.ts';
import { MAX_BODY_BYTES } from './body.ts';
import { allowedHeadersOf } from './cors.ts';
import type { GuardOptions } from './guard.ts';
import type { HandlerOptions } from './handler-options.ts';
import { ANSWER_LIMITS, type AnswerLimits } from './unread-answers.ts';

export interface HandlerSettings {
  guard: GuardOptions;
  allowedHeaders: string;
  answerLimits: AnswerLimits;
  allowBatching: boolean;
  allowMethodOverride: boolean;
}

const bytes = (name: string, value: number): number => {
  if (!Number.isInteger(value) || value < 1) throw new TypeError(`${name} must be a whole number of bytes.`);
  return value;
};

const batchSize = (value: number): number => {
  if (!Number.isInteger(value) || value < 1 || value > MAX_BATCH_CALLS) {
    throw new TypeError(`maxBatchSize must be from 1 to ${MAX_BATCH_CALLS}.`);
  }
  return value;
};

/**
 * What a handler's options come to, looked at once.
 * @throws TypeError when the router and the auth do not fit each other, or an option is invalid.
 */
export const settingsOf = <TRouter extends AnyRouter, TExchange, TRequest extends object>(
  options: HandlerOptions<TRouter, TExchange, TRequest>,
): HandlerSettings => {
  const { auth, router, maxBodyBytes = MAX_BODY_BYTES, uploads = false, maxBatchSize = MAX_BATCH_CALLS } = options;
  const maxUploadBytes = typeof uploads === 'object' ? bytes('uploads.maxBytes', uploads.maxBytes) : maxBodyBytes;
  return {
    guard: {
      origins: { own: auth.origin, allowed: auth.allowedOrigins },
      cookieProcedures: checkRouter(router, auth),
      maxBodyBytes: bytes('maxBodyBytes', maxBodyBytes),
      maxUploadBytes: uploads === false ? undefined : maxUploadBytes,
      maxBatchSize: batchSize(maxBatchSize),
    },
    allowedHeaders: allowedHeadersOf(options.allowedHeaders ?? []),
    answerLimits: { ...ANSWER_LIMITS, ...options.answerLimits },
    allowBatching: options.allowBatching ?? true,
    allowMethodOverride: options.allowMethodOverride ?? true,
  };
};
