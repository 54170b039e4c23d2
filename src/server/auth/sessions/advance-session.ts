import { sql } from 'kysely';
import { prepare } from '../store/prepared-statement.ts';
import type { AuthDatabase } from '../store/tables.ts';
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
}

/** Writes what `decideRotation` has decided. */
export type AdvanceSession = (db: AuthDatabase, session: StoredSession, to: RotationState) => Promise<boolean>;

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

  const nextStatement = prepare<Advance>()(withNext);
  const forkStatement = prepare<Advance>()((value) => withNext(value).where('handed_at', '=', value.handedAt));
  // Of two processes whose clocks differ the later one stands.
  const replayStatement = prepare<Advance>()((value) =>
    stillAsFound(value).set({
      handed_at: sql<number>`case when handed_at > ${value.nextHandedAt} then handed_at else ${value.nextHandedAt} end`,
    }),
  );

  /** The statement that writes it: a replay moves the window alone, and a fork rests on when it was opened last. */
  const statementFor = (from: RotationState, to: RotationState) => {
    if (to.issued === from.issued) return replayStatement;
    return to.forks > from.forks ? forkStatement : nextStatement;
  };

  return async (db, { sid, user, state: from }, to) => {
    const { numAffectedRows } = await statementFor(from, to)(db, {
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
    });
    return numAffectedRows === 1n;
  };
};
