import { TRPCError } from '@trpc/server';
import type { RevocationCause } from '../../../shared/auth/index.ts';
import type { Amr } from '../../../shared/auth/proofs.ts';
import type { Clock } from '../clock.ts';
import type { CoreEvent, Report } from '../events.ts';
import { refuse } from '../refusal.ts';
import type { AuthRequest } from '../request.ts';
import { changeAndRecord, type RecordEvents } from '../store/recording.ts';
import type { Announce } from '../store/revocation-feed.ts';
import type { AuthDatabase } from '../store/tables.ts';
import type { RefreshToken, RefreshTokens } from '../tokens/refresh-tokens.ts';
import { createRandomName, hashSecret, matchesHash } from '../tokens/secrets.ts';
import type { AnnounceEnded } from './announce-ended.ts';
import { createEnding, listOf } from './ending.ts';
import type { Grant, Granting } from './granting.ts';
import { type CarriedProof, type NextStep, nextStep } from './next-step.ts';
import type { RotateOrFind } from './rotate-or-find.ts';
import { decideRotation, REPEATED_FORKS, type RotationPolicy, type RotationState } from './rotation.ts';
import type { SessionStore } from './session-store.ts';
import type { StoredSession } from './stored-session.ts';

/** The cookies of a refresh. */
export interface PresentedCookies {
  /** The refresh cookie as it stands. */
  value: string;
  /** What it says, if it is authentic. */
  token: RefreshToken;
  /** The cookie `fresh`, if there is one. */
  fresh: string | undefined;
}

export interface RefreshingOptions {
  database: AuthDatabase;
  store: SessionStore;
  rotateOrFind: RotateOrFind;
  refreshTokens: RefreshTokens;
  clock: Clock;
  policy: RotationPolicy;
  report: Report;
  record: RecordEvents;
  announceEnded: AnnounceEnded;
  announce: Announce;
  granting: Granting;
}

/** How often a compare-and-swap is retried. Each failure means that another refresh went through. */
const MAX_ATTEMPTS = 10;

type RotationStep = 'recover' | 'rotate' | 'fork' | 'replay';

type Carried = CarriedProof & { value: string };

/** Answers refreshes, and those that carry a proof, by what `decideRotation` says of them. */
export const createRefreshing = (options: RefreshingOptions) => {
  const { database, store, rotateOrFind, refreshTokens, clock, policy, granting } = options;
  const { report, record, announceEnded, announce } = options;
  const end = createEnding(options);

  /** The session that the token is of, with the usual rotation carried out already where that is what it comes to. */
  const findOrRotate = async (request: AuthRequest, token: RefreshToken, now: number) => {
    // The window of a token that was signed within the leeway is open, unless it is capped.
    const isUsual = now - token.signedAt >= policy.leewayMs && now < token.expiresAt;
    // A refresh that nobody waits for is not carried out: its answer would be lost, and with it a generation.
    if (isUsual && !request.isDisconnected()) return await rotateOrFind(token, now);
    const session = await store.find(token);
    return session && { session, isRotated: false };
  };

  /** What a step is recorded as: nothing, unless it is one that the person should know of. */
  const stepEvents = (
    session: StoredSession,
    kind: RotationStep,
    next: RotationState,
    proof: CarriedProof | undefined,
  ): CoreEvent[] => {
    const of = { userId: session.user.id, sessionId: session.id };
    const events: CoreEvent[] = [];
    if (kind === 'recover') events.push({ event: 'session.recovered', ...of });
    if (kind === 'fork' && next.forks >= REPEATED_FORKS) {
      events.push({ event: 'session.forked', forks: next.forks, ...of });
    }
    if (proof !== undefined) events.push({ event: 'reauthentication.succeeded', amr: proof.amr, ...of });
    return events;
  };

  const advance = (
    request: AuthRequest,
    session: StoredSession,
    kind: RotationStep,
    { step, proof }: { step: NextStep; proof: CarriedProof | undefined },
  ): Promise<boolean> => {
    const events = stepEvents(session, kind, step.state, proof);
    if (events.length === 0) return store.advance(database, session, step);
    return changeAndRecord(
      { database, record },
      request,
      (db) => store.advance(db, session, step),
      (isDone) => (isDone ? events : []),
    );
  };

  const handOut = (
    request: AuthRequest,
    session: StoredSession,
    { token, value, fresh }: PresentedCookies,
    how: RotationStep,
    proof?: Carried,
  ): Grant => {
    const { user, id: sessionId, state, sver } = session;
    request.identify(user.id);
    report(request, { event: 'session.refreshed', how, userId: user.id, sessionId });
    for (const event of stepEvents(session, how, state, proof)) {
      if (event.event !== 'session.recovered') report(request, event);
    }
    const isNewest = how === 'replay' && token.gen === state.issued && token.sver === sver;
    return granting(session, {
      sec: token.sec,
      newest: isNewest ? value : undefined,
      fresh: proof?.value ?? fresh,
      isFreshNew: proof !== undefined,
    });
  };

  const carryOut = async (request: AuthRequest, presented: PresentedCookies, proof?: Carried): Promise<Grant> => {
    const { token } = presented;
    const refused = (
      reason: 'refresh_token_invalid' | 'session_revoked' | 'session_expired' | 'refresh_token_reused',
      session?: StoredSession,
      cause?: RevocationCause,
    ) => {
      // Nothing has come of the proof, and the refresh that follows says why.
      if (proof !== undefined) return refuse('access_token_stale');
      const of = session && { userId: session.user.id, sessionId: session.id };
      report(request, { event: 'refresh.refused', reason, ...of });
      return refuse(reason, cause && { cause });
    };

    const first = proof === undefined ? await findOrRotate(request, token, clock.now()) : undefined;
    if (first?.isRotated === true) return handOut(request, first.session, presented, 'rotate');

    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const session = attempt === 0 && proof === undefined ? first?.session : await store.find(token);
      if (session === undefined || !matchesHash(token.sec, session.secHash)) throw refused('refresh_token_invalid');

      const now = clock.now();
      const outcome = decideRotation(session.state, token, now, policy);
      switch (outcome.kind) {
        case 'revoked': {
          // The answer that brought its successor is on its way, or lost.
          const isRenewed = outcome.cause === 'renewed' && now - (session.revokedAt ?? now) < policy.leewayMs;
          if (isRenewed && proof === undefined) throw refuse('unavailable', { retryAfter: 1 });
          throw refused('session_revoked', session, outcome.cause);
        }
        case 'expired':
          throw refused('session_expired', session);
        case 'reuse': {
          // A proof never ends a session: the refresh that follows does.
          if (proof !== undefined) throw refuse('unavailable', { retryAfter: 1 });
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
          throw refused('refresh_token_reused', session);
        }
        default: {
          const step = nextStep(session, outcome, { token, cookie: presented.fresh, proof, now });
          if (step.state === session.state && step.raised === undefined) {
            return handOut(request, session, presented, outcome.kind);
          }
          if (request.isDisconnected()) throw new TRPCError({ code: 'CLIENT_CLOSED_REQUEST' });
          if (await advance(request, session, outcome.kind, { step, proof })) {
            const { sver, fresh } = step.raised ?? session;
            if (step.raised !== undefined) await announce([{ kind: 'proof', sid: session.sid, sver }]);
            return handOut(request, { ...session, state: step.state, sver, fresh }, presented, outcome.kind, proof);
          }
        }
      }
    }
    throw refuse('unavailable', proof && { retryAfter: 1 });
  };

  return {
    /**
     * @throws `refresh_token_invalid`, `refresh_token_reused`, `session_expired`, `session_revoked`, `unavailable`
     */
    refresh: async (request: AuthRequest, value: string, fresh: string | undefined): Promise<Grant> => {
      const token = refreshTokens.read(value);
      if (token !== undefined) return await carryOut(request, { value, token, fresh });
      report(request, { event: 'refresh.refused', reason: 'refresh_token_invalid' });
      throw refuse('refresh_token_invalid');
    },

    /**
     * A refresh that carries a proof, which somebody has judged: in the same compare-and-swap it is written down. Never
     * ends a session.
     * @throws `access_token_stale` where the session cannot be refreshed any more, `unavailable`
     */
    prove: (request: AuthRequest, presented: PresentedCookies, amr: readonly Amr[]): Promise<Grant> => {
      const value = createRandomName();
      return carryOut(request, presented, { amr, value, hash: hashSecret(value) });
    },
  };
};
