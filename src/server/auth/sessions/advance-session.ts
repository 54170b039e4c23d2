import { sql } from 'kysely';
import { prepare } from '../store/prepared-statement.ts';
import type { AuthDatabase } from '../store/tables.ts';
import { writeProofTimes } from './fresh-proof.ts';
import type { NextStep } from './next-step.ts';
import type { RotationState } from './rotation.ts';
import type { SessionName, StoredSession } from './stored-session.ts';

/** A step of the rotation: what it was decided by, and what it makes of it. */
interface Advance extends SessionName {
  issued: number;
  confirmed: number;
  handedAt: number;
  nextIssued: number;
  nextConfirmed: number;
  nextIssuedAt: number;
  nextHandedAt: number;
  nextForks: number;
  nextIdleEndsAt: number;
  sver: number;
  nextSver: number;
  freshHash: string | null;
  freshAt: number;
  freshAmr: string;
}

/** Writes what `decideRotation` has decided, and a proof with it. */
export type AdvanceSession = (db: AuthDatabase, session: StoredSession, step: NextStep) => Promise<boolean>;

/**
 * Compare-and-swap: true when what the step rests on is still as it was found, and the row now is as `to` says. A
 * rotation rests on the generations alone: every replay of an older one moves `handed_at`, and whoever sends many
 * of them at once must not keep others from rotating. A fork would void what a replay in between has handed out.
 */
export const createAdvance = (database: AuthDatabase): AdvanceSession => {
  const stillAsFound = (value: Advance) =>
    database
      .updateTable('auth_sessions')
      .where('sid', '=', value.sid)
      .where('user_id', '=', value.userId)
      .where('issued', '=', value.issued)
      .where('confirmed', '=', value.confirmed)
      // Two proofs may come with one token, which is replayed to both: the second one decides anew.
      .where('sver', '=', value.sver)
      .where('revoked_at', 'is', null);

  const withNext = (value: Advance) =>
    stillAsFound(value).set({
      issued: value.nextIssued,
      confirmed: value.nextConfirmed,
      issued_at: value.nextIssuedAt,
      handed_at: value.nextHandedAt,
      forks: value.nextForks,
      idle_ends_at: value.nextIdleEndsAt,
    });

  // Of two processes whose clocks differ the later one stands.
  const withWindow = (value: Advance) =>
    stillAsFound(value).set({
      handed_at: sql<number>`case when handed_at > ${value.nextHandedAt} then handed_at else ${value.nextHandedAt} end`,
    });

  const proofOf = (value: Advance) => ({
    sver: value.nextSver,
    fresh_hash: value.freshHash,
    fresh_at: value.freshAt,
    fresh_amr: value.freshAmr,
  });

  const rotating = {
    next: prepare<Advance>()(withNext),
    fork: prepare<Advance>()((value) => withNext(value).where('handed_at', '=', value.handedAt)),
    replay: prepare<Advance>()(withWindow),
  };

  const raising = {
    next: prepare<Advance>()((value) => withNext(value).set(proofOf(value))),
    fork: prepare<Advance>()((value) => withNext(value).where('handed_at', '=', value.handedAt).set(proofOf(value))),
    replay: prepare<Advance>()((value) => withWindow(value).set(proofOf(value))),
  };

  /** A replay moves the window alone, and a fork rests on when it was opened last. */
  const kindOf = (from: RotationState, to: RotationState): 'next' | 'fork' | 'replay' => {
    if (to.issued === from.issued) return 'replay';
    return to.forks > from.forks ? 'fork' : 'next';
  };

  return async (db, { sid, user, sver, state: from }, { state: to, raised }) => {
    const statement = (raised === undefined ? rotating : raising)[kindOf(from, to)];
    const { numAffectedRows } = await statement(db, {
      sid,
      userId: user.id,
      issued: from.issued,
      confirmed: from.confirmed,
      handedAt: from.handedAt,
      nextIssued: to.issued,
      nextConfirmed: to.confirmed,
      nextIssuedAt: to.issuedAt,
      nextHandedAt: to.handedAt,
      nextForks: to.forks,
      nextIdleEndsAt: to.idleEndsAt,
      sver,
      nextSver: raised?.sver ?? sver,
      freshHash: raised?.fresh?.hash ?? null,
      freshAt: raised?.at ?? 0,
      freshAmr: writeProofTimes(raised?.fresh?.times ?? {}),
    });
    return numAffectedRows === 1n;
  };
};
