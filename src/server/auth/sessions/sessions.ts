import type { SessionSummary, User } from '../../../shared/auth/index.ts';
import type { Claim } from '../accounts/claim.ts';
import { knowsDevice } from '../accounts/known-devices.ts';
import { HOUR } from '../clock.ts';
import type { CoreEvent } from '../events.ts';
import type { AuthRequest } from '../request.ts';
import { createCoreSlot } from '../slot.ts';
import type { AuthDatabase } from '../store/tables.ts';
import type { Principal } from '../tokens/access-tokens.ts';
import type { RefreshToken } from '../tokens/refresh-tokens.ts';
import { hashSecret, matchesHash } from '../tokens/secrets.ts';
import { endedEvents } from './announce-ended.ts';
import { createEnding, listOf } from './ending.ts';
import { createGranting, type Grant, type GrantingOptions } from './granting.ts';
import { makeSession } from './new-session.ts';
import { createRefreshing, type RefreshingOptions } from './refreshing.ts';
import { createRenewing } from './renewing.ts';
import { decideRotation, type RotationPolicy } from './rotation.ts';
import type { EndedSession } from './session-store.ts';

export interface SessionPolicy extends RotationPolicy {
  /** How long a session lives in all, in milliseconds. */
  absoluteTtlMs: number;
}

export interface SessionStart {
  replaced: RefreshToken | undefined;
  device: string;
}

export interface SessionsOptions extends GrantingOptions, Omit<RefreshingOptions, 'granting'> {
  database: AuthDatabase;
  policy: SessionPolicy;
}

/**
 * How many sessions of a user live at once. The list shows so many, and is never cut short. Beyond, a login ends the
 * one that was not used for longest: the right password is never refused, and whoever has stolen one cannot fill the
 * list.
 */
export const MAX_LIVE_SESSIONS = 100;

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

export type Sessions = ReturnType<typeof createSessions>;

export const sessionsSlot = createCoreSlot<Sessions>('sessions');

/** The life of a session: start, refresh, list, end. */
export const createSessions = (options: SessionsOptions) => {
  const { database, store, refreshTokens, clock, policy, report, record, announceEnded, present } = options;
  const end = createEnding(options);
  const granting = createGranting(options);
  const refreshing = createRefreshing({ ...options, granting });
  const renew = createRenewing({ ...options, granting });

  return {
    /**
     * Starts a session for somebody who has just proved who they are. The session that the browser had before is ended
     * (ASVS 7.2.4).
     * @param replaced the refresh cookie's token, of whatever generation.
     * @param device the device cookie's id.
     * @throws what the claim throws when it holds no longer: then nothing has happened.
     */
    start: async (request: AuthRequest, claim: Claim, { replaced, device }: SessionStart): Promise<Grant> => {
      const now = clock.now();
      const deviceHash = hashSecret(device);
      const isNewDevice = claim.devices !== undefined && !knowsDevice({ devices: claim.devices }, deviceHash);
      const { user, ended, evicted, made, event } = await database.transaction().execute(async (transaction) => {
        const user = await claim.settle(transaction, deviceHash);
        const made = makeSession(request, { userId: user.id, signIn: claim.proof, now, policy });
        const standing = await store.insert(transaction, made.row);
        const ended = replaced && (await store.revokeAuthentic(transaction, replaced, 'replaced', now));
        const isOverLimit = standing >= MAX_LIVE_SESSIONS;
        const evicted = isOverLimit ? await store.revokeLeastUsed(transaction, made.row, MAX_LIVE_SESSIONS, now) : [];
        const started = { event: claim.event, userId: user.id, sessionId: made.row.id };
        const event: CoreEvent = isNewDevice ? { ...started, isNewDevice } : started;
        await record(transaction, request, [
          ...endedEvents(listOf(ended), 'replaced'),
          ...endedEvents(evicted, 'too_many_sessions'),
          event,
        ]);
        return { user, ended, evicted, made, event };
      });

      await Promise.all([
        announceEnded(request, listOf(ended), 'replaced'),
        announceEnded(request, evicted, 'too_many_sessions'),
      ]);
      report(request, event);
      request.identify(user.id);
      return granting({ ...made.session, user }, made.granted);
    },

    /** Answers a refresh by what `decideRotation` says of it. */
    refresh: refreshing.refresh,
    /** The same of one that carries a proof. */
    prove: refreshing.prove,
    /** A change of credentials, in place of which the session goes on under new names. */
    renew,

    /** Whose session a refresh cookie names, if a refresh with it would be answered. Null: nobody's. Writes nothing. */
    peek: async (value: string): Promise<User | null> => {
      const token = refreshTokens.read(value);
      if (token === undefined) return null;
      const session = await store.find(token);
      if (session === undefined || !matchesHash(token.sec, session.secHash)) return null;
      const outcome = decideRotation(session.state, token, clock.now(), policy);
      return 'next' in outcome ? present(session.user) : null;
    },

    /** Ends what a logout names: the session of the cookie, and that of the access token beside it. */
    logout: async (
      request: AuthRequest,
      cookie: RefreshToken | undefined,
      principal: Principal | undefined,
    ): Promise<void> => {
      const now = clock.now();
      const revoke = (revocation: (db: AuthDatabase) => Promise<EndedSession | undefined>) =>
        end(request, 'logout', revocation, listOf);
      const ended = cookie && (await revoke((db) => store.revokeAuthentic(db, cookie, 'logout', now)));
      if (ended !== undefined) await announceEnded(request, [ended], 'logout');
      // Nearly always the same session, which has then just ended.
      if (principal === undefined || principal.sid === ended?.sid) return;
      const { sid, id: userId } = principal;
      const beside = await revoke((db) => store.revoke(db, { sid, userId }, 'logout', now));
      if (beside !== undefined) await announceEnded(request, [beside], 'logout');
    },

    /** The user's live sessions, newest first. */
    list: async (principal: Principal): Promise<SessionSummary[]> => {
      const rows = await store.list(principal.id, clock.now(), MAX_LIVE_SESSIONS);
      return rows.map((row) => ({
        id: row.id,
        current: row.sid === principal.sid,
        createdAt: iso(row.created_at),
        lastSeenAt: iso(row.issued_at - (row.issued_at % HOUR)),
        userAgent: row.user_agent,
        ip: row.ip,
      }));
    },

    /** Whether the public id is that of the session that calls. */
    isCurrent: async ({ sid, id: userId }: Principal, id: string): Promise<boolean> =>
      (await store.find({ sid, userId }))?.id === id,

    /** Ends one of the user's own sessions by its public id. False when there is none of that id. */
    revokeOwn: async (request: AuthRequest, principal: Principal, id: string): Promise<boolean> => {
      const ended = await end(
        request,
        'ended_by_user',
        (db) => store.revokeOwn(db, { userId: principal.id, id }, clock.now()),
        (result) => (typeof result === 'object' ? [result] : []),
      );
      if (typeof ended === 'object') await announceEnded(request, [ended], 'ended_by_user');
      return ended !== 'unknown';
    },

    /** Ends all of the user's sessions but the current one. Returns how many of them were alive. */
    revokeOthers: async (request: AuthRequest, principal: Principal): Promise<number> => {
      const now = clock.now();
      const others = { userId: principal.id, exceptSid: principal.sid };
      const ended = await end(
        request,
        'ended_by_user',
        (db) => store.revokeAll(db, others, 'ended_by_user', now),
        (revoked) => revoked,
      );
      await announceEnded(request, ended, 'ended_by_user');
      return ended.filter((session) => session.endsAt > now).length;
    },

    /** What a cookie value names, when it is authentic. */
    readRefreshToken: (value: string): RefreshToken | undefined => refreshTokens.read(value),
  };
};
