import { isSessionOverReason } from '../../../shared/auth/reasons.ts';
import type { SessionEnd } from './state.ts';

/**
 * How a session ended, by the refusal's data; null if it did not. Only a definite answer ends one: whatever is not
 * understood is a failure that passes.
 */
export const sessionEndOf = ({ reason, cause }: Record<string, unknown>): SessionEnd | null => {
  if (!isSessionOverReason(reason)) return null;
  return typeof cause === 'string' ? { reason, cause } : { reason };
};
