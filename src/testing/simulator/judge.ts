import type { RevocationCause } from 'latchkey/shared';
import type { RotationState } from '#server/auth/sessions/rotation.ts';
import type { StoredSession } from '#server/auth/sessions/stored-session.ts';
import type { Principal } from '#server/auth/tokens/access-tokens.ts';
import type { Calls } from './calls.ts';
import type { Figures } from './figures.ts';
import { createLineage, type Lineage } from './lineage.ts';
import type { Person } from './person.ts';
import type { Rows } from './rows.ts';
import { LEEWAY, TELLING_FORKS } from './rules.ts';
import type { Decision, ServerRequest } from './server.ts';
import type { Thief } from './thief.ts';
import type { Watch } from './violations.ts';

/** Watches the servers and their store, by what happens to the rows and not by what the rules meant. */
export const createJudge = (world: {
  now: () => number;
  /** Whether requests and answers keep to what the rules assume. */
  isInTime: boolean;
  watch: Watch;
  rows: Pick<Rows, 'get' | 'isLive' | 'goesOn'>;
  thief: Thief;
  person: Person;
  calls: Calls;
  figures: Figures;
}) => {
  const { now, isInTime, watch, rows, thief, person, calls, figures } = world;
  const lineages = new Map<string, Lineage>();
  const lostSessions = new Set<string>();
  const told = new Set<string>();

  const lineageOf = (sid: string): Lineage => {
    const lineage = lineages.get(sid) ?? createLineage(watch);
    lineages.set(sid, lineage);
    return lineage;
  };

  return {
    /** Whether an operator was told of repeated forks of the session. */
    isTold: (sid: string): boolean => told.has(sid),

    onAdvance({ sid, state }: StoredSession, to: RotationState): void {
      figures.count(
        to.issued > state.issued
          ? to.confirmed > state.confirmed
            ? 'rotations'
            : 'forks'
          : 'replays that moved the window',
      );
      lineageOf(sid).onAdvance(state, to);
    },

    onRevoke(_session: StoredSession, cause: RevocationCause): void {
      figures.count(`ended: ${cause}`);
      // What a sign-in or a sign-out ends, the person knows of. What is renewed goes on, once the browser hears of it.
      if (cause !== 'logout' && cause !== 'replaced' && cause !== 'renewed') person.isUnsure();
    },

    onLost(lost: StoredSession, before: StoredSession | undefined): void {
      const { sid, state } = lost;
      person.isUnsure();
      lostSessions.add(sid);
      if (before === undefined) return figures.count('corner: failover that lost a login');
      if (state.revokedCause !== null) return figures.count('corner: failover that lost the end of a session');
      lineageOf(sid).onLost(state, before.state);
    },

    onDecision({ request, token, seen, outcome, events }: Decision): void {
      figures.count(`refresh: ${outcome ?? 'given up'}`);
      const isThief = thief.isBehind(request);

      if (!isThief && outcome === 'refresh_token_invalid' && !lostSessions.has(token.sid)) {
        watch.violated('honest', 'the server does not know the session');
      }
      if (outcome === 'refresh_token_reused' && !thief.hasUsed(token.sid)) {
        const corner = isInTime ? lineageOf(token.sid).cornerAt(now()) : 'a request or an answer that came too late';
        if (corner === null) watch.violated('honest', `reuse was found at ${JSON.stringify(seen)}`);
        else figures.count(`corner: ${corner}`);
      }
      if (!isThief && outcome === 'session_expired') watch.violated('honest', 'the session ended before its time');

      if (seen === undefined) return;
      const { issued, confirmed, handedAt } = seen.state;
      const isVoid = token.gen < confirmed || (token.gen < issued && token.gen > confirmed);
      const isShut = seen.now - handedAt >= LEEWAY;
      const isFork = outcome === 'answered' && token.gen === confirmed && isShut;
      if (isFork && seen.state.forks + 1 >= TELLING_FORKS) {
        figures.count('repeated forks that an operator is told of');
        if (events.some(({ event }) => event === 'session.forked')) told.add(token.sid);
        else watch.violated('theft', `nobody was told of fork ${seen.state.forks + 1}`);
      }
      if (isVoid && (isShut || token.gen < confirmed) && rows.isLive(token.sid) && outcome === 'answered') {
        watch.violated('theft', `generation ${token.gen} was answered at ${JSON.stringify(seen.state)}`);
      }
    },

    onLogout(sid: string): void {
      if (rows.goesOn(sid)) watch.violated('logout', 'the session of a cookie lives after its logout');
    },

    onRaised({ sver }: StoredSession): void {
      figures.count(sver > 1 ? 'proofs, further ones' : 'proofs');
    },

    onGrant(request: ServerRequest, { fsh, acr }: Principal): void {
      if (fsh !== '') figures.count('grants with a proof');
      if (fsh !== '' && acr === 'aal2') figures.count('grants with two kinds of proof');
      if (fsh !== '' && request.fresh === null && request.path === 'auth.refresh') {
        watch.violated('elevation', 'a refresh cookie alone has brought the proof');
      }
      // They know the password. Only the owner has the code.
      if (thief.isBehind(request) && fsh !== '' && acr === 'aal2') {
        watch.violated('elevation', "a thief has borrowed the owner's code");
      }
    },

    onResolve(request: ServerRequest, { id, sid }: Principal, wasGood: boolean): void {
      figures.count('calls carried out');
      calls.onResolve(request, id);
      if (!wasGood && !lostSessions.has(sid))
        watch.violated(
          'logout',
          'a call was carried out for a session that is over, or by a token from before a proof',
        );
    },
  };
};
