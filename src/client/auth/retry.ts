import { isDefect, isIdentityChanged } from './errors.ts';
import { isRecord } from './internal/record.ts';

const MAX_RETRIES = 3;

/** Whether a failure is one of the network or of the server, which may be over at another attempt, and no refusal. */
export const isTransient = (error: unknown): boolean => {
  if (isIdentityChanged(error) || isDefect(error)) return false;
  const data = isRecord(error) ? error['data'] : undefined;
  // Without data there was no answer, or none of tRPC's.
  return !isRecord(data) || Number(data['httpStatus']) >= 500;
};

/**
 * The `retry` of a query client: three times after a failure of the network or of the server, never after a refusal.
 * The link has done what can be done about one, and the query client's default would do it three times over.
 *
 * @example
 * useMutation({ ...options, retry: retryUnlessRefused }); // one that can be repeated
 */
export const retryUnlessRefused = (failureCount: number, error: unknown): boolean =>
  failureCount < MAX_RETRIES && isTransient(error);
