import { reportSlot } from '../events.ts';
import { addressKey } from '../limits/address-key.ts';
import type { CountedAttempt } from '../limits/limit-store.ts';
import { limitsSlot } from '../limits/limits.ts';
import { reasonOf } from '../refusal.ts';
import { cookieProcedure } from '../trpc/procedures.ts';

/** The failures that could be guesses. What else fails has told nothing. */
const GUESSES = new Set([
  'token_invalid',
  'flow_over',
  'invalid_credentials',
  'second_factor_invalid',
  'passkey_unknown',
  'passkey_invalid',
]);

/**
 * The base of what finishes something that was begun: its failures are counted by the address of the caller, before the
 * input is looked at. What succeeds, or fails for another reason, is taken back.
 */
export const finishingProcedure = cookieProcedure.use(async ({ ctx: { auth, request }, path, next }) => {
  const limits = limitsSlot.of(auth);
  let counted: CountedAttempt;
  try {
    counted = await limits.take({ limit: 'token', key: addressKey(request.address ?? '') });
  } catch (error) {
    reportSlot.of(auth)(request, { event: 'access.refused', reason: reasonOf(error), procedure: path });
    throw error;
  }
  const result = await next();
  if (result.ok || !GUESSES.has(reasonOf(result.error) ?? '')) await limits.giveBack([counted]);
  return result;
});
