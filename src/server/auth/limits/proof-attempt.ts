import { hashSecret } from '../tokens/secrets.ts';
import { isTRPCError } from '../trpc-error.ts';
import type { Limits } from './limits.ts';

/**
 * Judges a proof that somebody gives in their session. A try that nobody looked at does not count, and a right one
 * clears those before it.
 * @param judge whether the proof is right. Throws where it cannot be looked at.
 * @throws `rate_limited`, and what `judge` throws
 */
export const judgeProof = async (
  limits: Limits,
  { userId, sid }: { userId: string; sid: string },
  judge: () => Promise<boolean>,
): Promise<boolean> => {
  const bucket = { limit: 'reauthenticate', key: hashSecret(`${userId}:${sid}`) };
  const attempt = await limits.take(bucket);
  try {
    const isRight = await judge();
    if (isRight) await limits.clear([bucket]);
    return isRight;
  } catch (error) {
    if (isTRPCError(error)) await limits.giveBack([attempt]);
    throw error;
  }
};
