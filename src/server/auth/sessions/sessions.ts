import { randomUUID } from 'node:crypto';
import { TRPCError } from '@trpc/server';
import type { AuthMethod, RevocationCause, SessionGrant, SessionSummary, User } from '../../../shared/auth/index.ts';
import { proofClaims, withProof } from '../../../shared/auth/proofs.ts';
import type { Claim } from '../accounts/claim.ts';
import type { StoredUser } from '../accounts/stored-user.ts';
import { type Clock, HOUR } from '../clock.ts';
import type { CoreEvent, Report } from '../events.ts';
import { refuse } from '../refusal.ts';
import type { AuthRequest } from '../request.ts';
import { createCoreSlot } from '../slot.ts';
import { changeAndRecord, type RecordEvents } from '../store/recording.ts';
import type { AuthDatabase } from '../store/tables.ts';
import type { AccessTokens, Principal } from '../tokens/access-tokens.ts';
import type { RefreshToken, RefreshTokens } from '../tokens/refresh-tokens.ts';
import { createRandomName, hashSecret, matchesHash } from '../tokens/secrets.ts';
import { type AnnounceEnded, endedEvents } from './announce-ended.ts';
import { writeAmr, writeProofTimes } from './fresh-proof.ts';
import type { RotateOrFind } from './rotate-or-find.ts';
import { decideRotation, REPEATED_FORKS, type RotationPolicy, type RotationState, sessionEndsAt } from './rotation.ts';
import type { SessionCookieValues } from './session-cookies.ts';
import type { EndedSession, SessionStore } from './session-store.ts';
import type { StoredSession } from './stored-session.ts';

/** What login, registration and refresh hand out: the answer's body, and what goes into cookies instead. */
export interface Grant {
  answer: SessionGrant;
  cookies: SessionCookieValues;
}

export interface SessionPolicy extends RotationPolicy {
  /** How long a session lives in all, in milliseconds. */
  absoluteTtlMs: number;
}

export interface SessionStart {
  replaced: RefreshToken | undefined;
  device: string;
}

export interface SessionsOptions {
  database: AuthDatabase;
  store: SessionStore;
  rotateOrFind: RotateOrFind;
  accessTokens: AccessTokens;
  refreshTokens: RefreshTokens;
  clock: Clock;
  policy: SessionPolicy;
  report: Report;
  record: RecordEvents;
  announceEnded: AnnounceEnded;
  /** Makes of a user what answers show. */
  present: (user: StoredUser) => User;
  /** What of the account's ways to prove itself counts here. */
  facOf: (user: StoredUser) => AuthMethod[];
}

/** How often a compare-and-swap is retried. Each failure means that another refresh went through. */
const MAX_ATTEMPTS = 10;

/**
 * How many sessions of a user live at once. The list shows so many, and is never cut short. Beyond, a login ends the
 * one that was not used for longest: the right password is never refused, and whoever has stolen one cannot fill the
 * list.
 */
export const MAX_LIVE_SESSIONS = 100;

type RotationStep = 'recover' | 'rotate' | 'fork' | 'replay';

const listOf = (ended: EndedSession | undefined): EndedSession[] => (ended === undefined ? [] : [ended]);

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

export type Sessions = ReturnType<typeof createSessions>;

export const sessionsSlot = createCoreSlot<Sessions>('sessions');

/** The life of a session: start, refresh, list, end. */
export const createSessions = (options: SessionsOptions) => {
  const { database, store, rotateOrFind, accessTokens, refreshTokens, clock, policy, present, facOf } = options;
  const { report, record, announceEnded } = options;

  const grant = (
    session: Pick<StoredSession, 'sid' | 'signIn' | 'sver' | 'state' | 'user'>,
    sec: string,
    /** The newest token, where the caller has presented it. */
    newest?: string,
  ): Grant => {
    const { sid, signIn, sver, state, user } = session;
    const endsAt = sessionEndsAt(state);
    const presented = present(user);
    const fac = facOf(user);
    const principal = {
      id: user.id,
      roles: presented.roles,
      emailVerified: presented.emailVerified,
      ...proofClaims(signIn, undefined, { fac, now: clock.now() }),
      fac,
      fsh: '',
      sid,
      ver: user.ver,
      sver,
    };
    return {
      answer: { ...accessTokens.issue(principal, state.absoluteEndsAt), user: presented },
      cookies: {
        refreshToken:
          newest ?? refreshTokens.issue({ userId: user.id, sid, gen: state.issued, sec, sver, expiresAt: endsAt }),
        sid,
        endsAt,
      },
    };
  };

  /** The session that the token is of, with the usual rotation carried out already where that is what it comes to. */
  const findOrRotate = async (request: AuthRequest, token: RefreshToken, now: number) => {
    // The window of a token that was signed within the leeway is open, unless it is capped.
    const isUsual = now - token.signedAt >= policy.leewayMs && now < token.expiresAt;
    // A refresh that nobody waits for is not carried out: its answer would be lost, and with it a generation.
    if (isUsual && !request.isDisconnected()) return await rotateOrFind(token, now);
    const session = await store.find(token);
    return session && { session, isRotated: false };
  };

  /** Ends sessions, with the record of it: both or neither. */
  const end = <TEnded>(
    request: AuthRequest,
    cause: RevocationCause,
    revoke: (db: AuthDatabase) => Promise<TEnded>,
    endedOf: (result: TEnded) => readonly EndedSession[],
  ): Promise<TEnded> =>
    changeAndRecord({ database, record }, request, revoke, (result) => endedEvents(endedOf(result), cause));

  /** What a step of the rotation is recorded as: nothing, unless it is one that the person should know of. */
  const stepEvents = (session: StoredSession, kind: RotationStep, next: RotationState): CoreEvent[] => {
    const of = { userId: session.user.id, sessionId: session.id };
    if (kind === 'recover') return [{ event: 'session.recovered', ...of }];
    if (kind === 'fork' && next.forks >= REPEATED_FORKS) return [{ event: 'session.forked', forks: next.forks, ...of }];
    return [];
  };

  const advance = (request: AuthRequest, session: StoredSession, kind: RotationStep, next: RotationState) => {
    const events = stepEvents(session, kind, next);
    if (events.length === 0) return store.advance(database, session, next);
    return changeAndRecord(
      { database, record },
      request,
      (db) => store.advance(db, session, next),
      (isDone) => (isDone ? events : []),
    );
  };

  const handOut = (
    request: AuthRequest,
    session: StoredSession,
    { token, value }: { token: RefreshToken; value: string },
    how: RotationStep,
  ) => {
    const { user, id: sessionId, state } = session;
    request.identify(user.id);
    report(request, { event: 'session.refreshed', how, userId: user.id, sessionId });
    for (const event of stepEvents(session, how, state)) {
      if (event.event === 'session.forked') report(request, event);
    }
    return grant(session, token.sec, how === 'replay' && token.gen === state.issued ? value : undefined);
  };

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
      const sec = createRandomName();
      const session = { sid: createRandomName(), id: randomUUID() };
      const state: RotationState = {
        issued: 1,
        confirmed: 0,
        issuedAt: now,
        handedAt: now,
        forks: 0,
        idleEndsAt: now + policy.idleTtlMs,
        absoluteEndsAt: now + policy.absoluteTtlMs,
        revokedCause: null,
      };

      const { user, ended, evicted } = await database.transaction().execute(async (transaction) => {
        const user = await claim.settle(transaction, hashSecret(device));
        const started = { ...session, user_id: user.id };
        const standing = await store.insert(transaction, {
          ...started,
          sec_hash: hashSecret(sec),
          issued: state.issued,
          confirmed: state.confirmed,
          issued_at: state.issuedAt,
          handed_at: state.handedAt,
          forks: state.forks,
          idle_ends_at: state.idleEndsAt,
          absolute_ends_at: state.absoluteEndsAt,
          auth_time: claim.proof.at,
          amr: writeAmr(claim.proof.amr),
          sver: 0,
          fresh_hash: null,
          fresh_at: null,
          fresh_amr: writeProofTimes(withProof({}, claim.proof.amr, claim.proof.at)),
          created_at: now,
          user_agent: request.userAgent,
          ip: request.address,
        });
        const ended = replaced && (await store.revokeAuthentic(transaction, replaced, 'replaced', now));
        const isOverLimit = standing >= MAX_LIVE_SESSIONS;
        const evicted = isOverLimit ? await store.revokeLeastUsed(transaction, started, MAX_LIVE_SESSIONS, now) : [];
        await record(transaction, request, [
          ...endedEvents(listOf(ended), 'replaced'),
          ...endedEvents(evicted, 'too_many_sessions'),
          { event: claim.event, userId: user.id, sessionId: session.id },
        ]);
        return { user, ended, evicted };
      });

      await Promise.all([
        announceEnded(request, listOf(ended), 'replaced'),
        announceEnded(request, evicted, 'too_many_sessions'),
      ]);
      report(request, { event: claim.event, userId: user.id, sessionId: session.id });
      request.identify(user.id);
      return grant({ sid: session.sid, signIn: claim.proof, sver: 0, state, user }, sec);
    },

    /**
     * Answers a refresh by what `decideRotation` says of it.
     * @throws `refresh_token_invalid`, `refresh_token_reused`, `session_expired`, `session_revoked`, `unavailable`
     */
    refresh: async (request: AuthRequest, value: string): Promise<Grant> => {
      const invalid = () => {
        report(request, { event: 'refresh.refused', reason: 'refresh_token_invalid' });
        return refuse('refresh_token_invalid');
      };
      const token = refreshTokens.read(value);
      if (token === undefined) throw invalid();

      const found = await findOrRotate(request, token, clock.now());
      if (found?.isRotated === true) return handOut(request, found.session, { token, value }, 'rotate');

      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
        const session = attempt === 0 ? found?.session : await store.find(token);
        if (session === undefined || !matchesHash(token.sec, session.secHash)) throw invalid();

        const now = clock.now();
        const outcome = decideRotation(session.state, token, now, policy);
        const refused = (
          reason: 'session_revoked' | 'session_expired' | 'refresh_token_reused',
          cause?: RevocationCause,
        ) => {
          report(request, { event: 'refresh.refused', reason, userId: session.user.id, sessionId: session.id });
          return refuse(reason, cause && { cause });
        };

        switch (outcome.kind) {
          case 'revoked':
            throw refused('session_revoked', outcome.cause);
          case 'expired':
            throw refused('session_expired');
          case 'reuse': {
            // A generation between the last two confirmed is void only while the window is shut.
            const restsOnWindow = token.gen >= session.state.confirmed;
            const ended = await end(
              request,
              'reuse',
              (db) => store.revokeUnchanged(db, session, 'reuse', { now, restsOnWindow }),
              listOf,
            );
            // Undefined: somebody changed it in the meantime, and the next round decides anew.
            if (ended === undefined) continue;
            await announceEnded(request, [ended], 'reuse');
            throw refused('refresh_token_reused');
          }
          default: {
            if (outcome.next === session.state) return handOut(request, session, { token, value }, outcome.kind);
            if (request.isDisconnected()) throw new TRPCError({ code: 'CLIENT_CLOSED_REQUEST' });
            if (await advance(request, session, outcome.kind, outcome.next)) {
              return handOut(request, { ...session, state: outcome.next }, { token, value }, outcome.kind);
            }
          }
        }
      }
      throw refuse('unavailable');
    },

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
