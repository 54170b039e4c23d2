import { isIdentityChanged } from './errors.ts';
import { isRecord } from './record.ts';

const MOST_RETRIES = 3;

/**
 * The `retry` of a query client: three times after a failure of the network or of the server, never after a refusal. The link
 * has done what can be done about one, and the query client's default would do it three times over.
 */
export const retryUnlessRefused = (failureCount: number, error: unknown): boolean => {
  if (failureCount >= MOST_RETRIES || isIdentityChanged(error)) return false;
  const data = isRecord(error) ? error['data'] : undefined;
  if (!isRecord(data)) return true; // No answer, or none of tRPC's.
  return typeof data['httpStatus'] === 'number' && data['httpStatus'] >= 500;
};
