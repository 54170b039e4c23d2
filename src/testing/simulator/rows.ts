import type { RevocationCause } from 'latchkey/shared';
import type { StoredUser } from '#server/auth/accounts/stored-user.ts';
import { readAmr, readFresh } from '#server/auth/sessions/fresh-proof.ts';
import type { NextStep } from '#server/auth/sessions/next-step.ts';
import type { RotateOrFind } from '#server/auth/sessions/rotate-or-find.ts';
import { decideRotation, type RotationPolicy, type RotationState } from '#server/auth/sessions/rotation.ts';
import {
  createSessionStore,
  type EndedSession,
  type NewSession,
  type SessionStore,
} from '#server/auth/sessions/session-store.ts';
import { type SessionName, type StoredSession, stateOf } from '#server/auth/sessions/stored-session.ts';
import type { AuthDatabase } from '#server/auth/store/tables.ts';
import type { RefreshToken } from '#server/auth/tokens/refresh-tokens.ts';
import { hashSecret } from '#server/auth/tokens/secrets.ts';

/** Runs one statement of a request, when its turn has come. */
export type RunStatement = <T>(statement: () => T) => Promise<T>;

export interface RowsListener {
  onAdvance: (session: StoredSession, to: RotationState) => void;
  /** The counter of proofs was raised. */
  onRaised: (session: StoredSession) => void;
  onRevoke: (session: StoredSession, cause: RevocationCause) => void;
  /** The write was lost by a failover. `before` is what the row is again, undefined if it is not there any more. */
  onLost: (lost: StoredSession, before: StoredSession | undefined) => void;
}

const endedOf = ({ sid, id, user }: StoredSession): EndedSession => ({ sid, id, userId: user.id });

const sessionOf = (row: NewSession, user: StoredUser): StoredSession => ({
  sid: row.sid,
  id: row.id,
  secHash: row.sec_hash,
  signIn: { amr: readAmr(row.amr), at: row.auth_time },
  sver: row.sver,
  fresh: readFresh(row),
  state: stateOf(row, null),
  revokedAt: null,
  user,
});

/**
 * The table of sessions, and nothing else of a database: statements that happen whole, compare-and-swap, and failovers.
 */
export const createRows = (database: AuthDatabase, users: ReadonlyMap<string, StoredUser>, listener: RowsListener) => {
  const rows = new Map<string, StoredSession>();
  const unused = createSessionStore(database);
  let journal: { lost: StoredSession; before: StoredSession | undefined }[] = [];

  const write = (session: StoredSession): void => {
    journal.push({ lost: session, before: rows.get(session.sid) });
    rows.set(session.sid, session);
  };

  const find = ({ sid, userId }: SessionName): StoredSession | undefined => {
    const session = rows.get(sid);
    return session?.user.id === userId ? session : undefined;
  };

  const revoke = (sid: string, cause: RevocationCause, at = 0): EndedSession | undefined => {
    const session = rows.get(sid);
    if (session === undefined || session.state.revokedCause !== null) return undefined;
    write({ ...session, revokedAt: at, state: { ...session.state, revokedCause: cause } });
    listener.onRevoke(session, cause);
    return endedOf(session);
  };

  /** That of the name, or the one that has taken its place. */
  const revokeNamed = (name: SessionName, cause: RevocationCause): EndedSession | undefined => {
    const id = find(name)?.id;
    const live = [...rows.values()].find((session) => session.id === id && session.state.revokedCause === null);
    return live && revoke(live.sid, cause);
  };

  const revokeAuthentic = (
    { sid, sec, userId }: Pick<RefreshToken, 'sid' | 'sec' | 'userId'>,
    cause: RevocationCause,
  ): EndedSession | undefined => {
    const isAuthentic = find({ sid, userId })?.secHash === hashSecret(sec);
    return isAuthentic ? revokeNamed({ sid, userId }, cause) : undefined;
  };

  /**
   * The row, if no generation was made or confirmed since it was found, and no replay moved the window where that
   * counts.
   */
  const unchanged = (
    { sid, user, state }: Pick<StoredSession, 'sid' | 'user' | 'state'>,
    restsOnWindow: boolean,
  ): StoredSession | undefined => {
    const session = find({ sid, userId: user.id });
    const isSame = session?.state.issued === state.issued && session.state.confirmed === state.confirmed;
    return isSame && (!restsOnWindow || session.state.handedAt === state.handedAt) ? session : undefined;
  };

  const advance = (session: StoredSession, { state, raised }: NextStep): StoredSession => {
    const advanced = { ...session, state, ...(raised && { sver: raised.sver, fresh: raised.fresh }) };
    write(advanced);
    listener.onAdvance(session, state);
    if (raised !== undefined) listener.onRaised(advanced);
    return advanced;
  };

  return {
    get: (sid: string): StoredSession | undefined => rows.get(sid),
    all: (): StoredSession[] => [...rows.values()],
    isLive: (sid: string): boolean => rows.get(sid)?.state.revokedCause === null,
    /** Whether a change of credentials has put another session in its place. */
    isRenewed: (sid: string): boolean => rows.get(sid)?.state.revokedCause === 'renewed',
    /** Whether it goes on, by this name or by another one. */
    goesOn: (sid: string): boolean =>
      [...rows.values()].some((session) => session.id === rows.get(sid)?.id && session.state.revokedCause === null),
    revoke,

    /** The store as a request sees it whose statements run one by one. */
    storeFor: (run: RunStatement): SessionStore => {
      let isInRenewal = false;
      return {
        ...unused,
        find: (name) => run(() => find(name)),
        advance: (_db, found, { state: to, raised }) =>
          run(() => {
            const session = unchanged(found, to.forks > found.state.forks);
            if (session === undefined || session.state.revokedCause !== null || session.sver !== found.sver)
              return false;
            const isReplay = to.issued === found.state.issued;
            const next = isReplay ? { ...to, handedAt: Math.max(session.state.handedAt, to.handedAt) } : to;
            advance(session, { state: next, ...(raised && { raised }) });
            return true;
          }),
        revoke: (_db, name, cause) => run(() => revokeNamed(name, cause)),
        revokeUnchanged: (_db, found, cause, { restsOnWindow }) =>
          run(() => unchanged(found, restsOnWindow) && revoke(found.sid, cause)),
        insert: async (_transaction, row) => {
          const insert = (): number => {
            const user = users.get(row.user_id);
            if (user !== undefined) write(sessionOf(row, user));
            return 0; // Nobody here has so many that one has to go.
          };
          return isInRenewal ? insert() : await run(insert);
        },
        endRenewed: (_transaction, { sid, user, secHash }, now) =>
          run(() => {
            const session = find({ sid, userId: user.id });
            if (session?.secHash !== secHash || revoke(sid, 'renewed', now) === undefined) return undefined;
            isInRenewal = true;
            return { ...session, createdAt: now };
          }),
        revokeAll: async (_db, { userId }, cause) => {
          const live = [...rows.values()].filter(
            ({ user, state }) => user.id === userId && state.revokedCause === null,
          );
          return live.flatMap(({ sid, state }) => {
            const ended = revoke(sid, cause);
            return ended === undefined ? [] : [{ ...ended, endsAt: state.absoluteEndsAt }];
          });
        },
        // In a transaction it happens with the statement before it, or not at all.
        revokeAuthentic: async (db, token, cause) =>
          db === database ? await run(() => revokeAuthentic(token, cause)) : revokeAuthentic(token, cause),
      };
    },

    /**
     * The one statement of the usual rotation.
     * @param onSeen told what it was decided on.
     */
    rotatingFor:
      (run: RunStatement, policy: RotationPolicy, onSeen: (seen: StoredSession | undefined) => void): RotateOrFind =>
      (token, now) =>
        run(() => {
          const session = find(token);
          onSeen(session);
          if (session === undefined) return undefined;
          const outcome = decideRotation(session.state, token, now, policy);
          const isMine = session.secHash === hashSecret(token.sec) && session.sver >= token.sver;
          const isRotated = outcome.kind === 'rotate' && isMine;
          return { session: isRotated ? advance(session, { state: outcome.next }) : session, isRotated };
        }),

    /** A replica takes over that has not seen the last writes. */
    failOver(writes: number): void {
      for (const { lost, before } of journal.splice(-writes).toReversed()) {
        if (before === undefined) rows.delete(lost.sid);
        else rows.set(lost.sid, before);
        listener.onLost(lost, before);
      }
      journal = [];
    },
  };
};

export type Rows = ReturnType<typeof createRows>;
