import { AMR, type Amr, type ProofTimes } from '../../../shared/auth/proofs.ts';
import type { SessionRow } from '../store/tables.ts';

/** The last proof of a session, as its row keeps it. */
export interface FreshProof {
  /** SHA-256 of the cookie that came with it, in base64url. */
  hash: string;
  at: number;
  times: ProofTimes;
}

const isAmr = (word: string): word is Amr => AMR.some((kind) => kind === word);

export const writeAmr = (amr: readonly Amr[]): string => amr.join(',');

export const readAmr = (stored: string): Amr[] => stored.split(',').filter(isAmr);

/** `pwd.1767225600000,otp.1767225601000`: the kinds, and when each was proven. */
export const writeProofTimes = (times: ProofTimes): string =>
  AMR.flatMap((kind) => (times[kind] === undefined ? [] : `${kind}.${times[kind]}`)).join(',');

const readProofTimes = (stored: string): ProofTimes => {
  const times: Partial<Record<Amr, number>> = {};
  for (const entry of stored.split(',')) {
    const [kind = '', at] = entry.split('.');
    if (isAmr(kind)) times[kind] = Number(at);
  }
  return times;
};

export const readFresh = ({
  fresh_hash: hash,
  fresh_at: at,
  fresh_amr: times,
}: Pick<SessionRow, 'fresh_hash' | 'fresh_at' | 'fresh_amr'>): FreshProof | undefined =>
  hash === null || at === null ? undefined : { hash, at, times: readProofTimes(times) };
