import { randomUUID } from 'node:crypto';
import { type ProofTimes, type SignInProof, withProof } from '../../../shared/auth/proofs.ts';
import type { AuthRequest } from '../request.ts';
import { createRandomName, hashSecret } from '../tokens/secrets.ts';
import { writeAmr, writeProofTimes } from './fresh-proof.ts';
import type { GrantedSession, GrantedWith } from './granting.ts';
import type { RotationState } from './rotation.ts';
import type { NewSession } from './session-store.ts';

/** What a session goes on from that takes the place of another one. */
export interface Predecessor {
  /** The public id. */
  id: string;
  createdAt: number;
  absoluteEndsAt: number;
  sver: number;
  times: ProofTimes;
}

export interface SessionSeed {
  userId: string;
  signIn: SignInProof;
  now: number;
  policy: { idleTtlMs: number; absoluteTtlMs: number };
  /** Without one it is a sign-in. */
  predecessor?: Predecessor;
}

/** A session that is about to begin: its row, and what it is granted with. */
export interface MadeSession {
  row: NewSession;
  session: Omit<GrantedSession, 'user'>;
  granted: GrantedWith;
}

/** Makes a session with names and secrets of its own. Nothing is written yet. */
export const makeSession = (
  { userAgent, address }: Pick<AuthRequest, 'userAgent' | 'address'>,
  { userId, signIn, now, policy, predecessor }: SessionSeed,
): MadeSession => {
  const [sid, sec, fresh] = [createRandomName(), createRandomName(), createRandomName()];
  const state: RotationState = {
    issued: 1,
    confirmed: 0,
    issuedAt: now,
    handedAt: now,
    forks: 0,
    idleEndsAt: now + policy.idleTtlMs,
    absoluteEndsAt: predecessor?.absoluteEndsAt ?? now + policy.absoluteTtlMs,
    revokedCause: null,
  };
  const sver = predecessor?.sver ?? 0;
  const proof = {
    hash: hashSecret(fresh),
    at: now,
    times: predecessor?.times ?? withProof({}, signIn.amr, signIn.at),
  };
  return {
    row: {
      sid,
      id: predecessor?.id ?? randomUUID(),
      user_id: userId,
      sec_hash: hashSecret(sec),
      issued: state.issued,
      confirmed: state.confirmed,
      issued_at: state.issuedAt,
      handed_at: state.handedAt,
      forks: state.forks,
      idle_ends_at: state.idleEndsAt,
      absolute_ends_at: state.absoluteEndsAt,
      auth_time: signIn.at,
      amr: writeAmr(signIn.amr),
      sver,
      fresh_hash: proof.hash,
      fresh_at: proof.at,
      fresh_amr: writeProofTimes(proof.times),
      created_at: predecessor?.createdAt ?? now,
      user_agent: userAgent,
      ip: address,
    },
    session: { sid, signIn, sver, fresh: proof, state },
    granted: { sec, fresh, isFreshNew: true },
  };
};
