import { TRPCError } from '@trpc/server';
import { cookieNames } from 'latchkey/shared';
import type { TestReply } from '#client/auth/testing/server.ts';
import type { Claim } from '#server/auth/accounts/claim.ts';
import type { StoredUser } from '#server/auth/accounts/stored-user.ts';
import { presentUser } from '#server/auth/accounts/stored-user.ts';
import type { CoreEvent, Report } from '#server/auth/events.ts';
import { refusePassword } from '#server/auth/features/passwords/refuse-password.ts';
import { createGate } from '#server/auth/gate/gate.ts';
import { createRevocations } from '#server/auth/gate/revocations.ts';
import { reasonOf, refuse } from '#server/auth/refusal.ts';
import type { AuthRequest, CookieJar } from '#server/auth/request.ts';
import { DEFAULT_ROLES } from '#server/auth/roles.ts';
import { createAnnounceEnded } from '#server/auth/sessions/announce-ended.ts';
import type { Grant } from '#server/auth/sessions/granting.ts';
import type { RotationState } from '#server/auth/sessions/rotation.ts';
import { createSessionCookies } from '#server/auth/sessions/session-cookies.ts';
import { createSessions } from '#server/auth/sessions/sessions.ts';
import type { StoredSession } from '#server/auth/sessions/stored-session.ts';
import { createRecording } from '#server/auth/store/recording.ts';
import type { FeedListener } from '#server/auth/store/revocation-feed.ts';
import type { AuthDatabase } from '#server/auth/store/tables.ts';
import type { Principal } from '#server/auth/tokens/access-tokens.ts';
import type { RefreshToken } from '#server/auth/tokens/refresh-tokens.ts';
import { watchClock } from '#server/auth/watched-clock.ts';
import type { SimulatedCookies } from './jar.ts';
import { createJob, type Job } from './job.ts';
import { refusedReply, resultReply } from './replies.ts';
import type { Rows } from './rows.ts';
import { ACCESS_TOKEN_TTL, LEEWAY, POLICY } from './rules.ts';
import type { TokenVault } from './tokens.ts';

export interface ServerRequest {
  path: string;
  input: Record<string, unknown>;
  /** The refresh cookie. */
  cookie: string | null;
  hint: string | null;
  /** The cookie `fresh`. */
  fresh: string | null;
  authorization: string | undefined;
  sentAt: number;
  isDisconnected: () => boolean;
}

/** What a refresh came to, with what it was decided on. */
export interface Decision {
  request: ServerRequest;
  token: RefreshToken;
  /** The row as it was read last; undefined if there was none. */
  seen: { state: RotationState; now: number } | undefined;
  /** Undefined if nobody waited for it any more, and it was not carried out. */
  outcome: string | undefined;
  /** What was reported of it. */
  events: readonly CoreEvent[];
}

export interface ServerParts {
  database: AuthDatabase;
  rows: Rows;
  tokens: TokenVault;
  /** By their names. */
  users: ReadonlyMap<string, StoredUser>;
  now: () => number;
  /** Connects to what all servers hear of revocations. */
  connect: (listener: FeedListener) => void;
  onDecision: (decision: Decision) => void;
  /** The resolver of a call of the app has run. `wasGood`: whether session and token were, when the
   * gate looked. */
  onResolve: (request: ServerRequest, who: Principal, wasGood: boolean) => void;
  /** Somebody was given an access token. */
  onGrant: (request: ServerRequest, who: Principal) => void;
  /** A logout with the cookie of this session has been carried out. */
  onLogout: (sid: string) => void;
}

/** What a process starts with: nothing in memory but what was revoked. */
const startProcess = ({ database, tokens, now, connect }: ServerParts) => {
  const clock = watchClock({ now, monotonic: now, after: () => () => undefined }, { onJump: () => undefined });
  const accessTokens = tokens.accessTokensAt(clock);
  const revocations = createRevocations({
    database,
    feed: {
      start: async (listener) => connect(listener),
      isLive: () => true,
      lag: () => 0,
      announce: () => Promise.resolve(),
      stop: async () => undefined,
    },
    clock,
    accessTokenTtlMs: ACCESS_TOKEN_TTL,
    refreshLeewayMs: LEEWAY,
    onError: () => undefined,
  });
  void revocations.start();
  return { clock, accessTokens, revocations, gate: createGate({ accessTokens, revocations }) };
};

const authRequestOf = ({ authorization, isDisconnected }: ServerRequest): AuthRequest => ({
  id: 'request',
  authorization,
  address: null,
  userAgent: null,
  isSoleCall: true,
  isDisconnected,
  identify: () => undefined,
});

const ORIGIN = new URL('http://localhost');
const NAMES = cookieNames(ORIGIN);

/** What an answer writes into the browser's jar, by the names that the kit has for cookies. */
const createAnswerCookies = ({ cookie, hint, fresh }: ServerRequest) => {
  const written: Partial<SimulatedCookies> = {};
  const sent: Readonly<Record<string, string | null>> = {
    [NAMES.refresh]: cookie,
    [NAMES.hint]: hint,
    [NAMES.fresh]: fresh,
  };
  const jar: CookieJar = {
    values: (name) => [sent[name] ?? []].flat(),
    set(name, value, { maxAge }) {
      const kept = maxAge === 0 ? null : value;
      if (name === NAMES.refresh) written.refresh = kept;
      if (name === NAMES.hint) written.hint = kept;
      if (name === NAMES.fresh) written.fresh = kept;
    },
  };
  return { jar, written };
};

/** One server process: the real sessions, gate, revocations and cookies, over simulated rows. */
export const createServer = (parts: ServerParts) => {
  const { database, rows, tokens, users, now, onDecision, onResolve, onGrant, onLogout } = parts;
  const cookies = createSessionCookies({ origin: ORIGIN, now });
  let process = startProcess(parts);
  const jobs = new Set<Job>();

  const isGood = ({ authorization = '' }: ServerRequest): boolean => {
    const bearer = tokens.principalOf(authorization.replace('Bearer ', ''));
    const sver = rows.get(bearer?.sid ?? '')?.sver ?? 0;
    return bearer !== undefined && rows.isLive(bearer.sid) && bearer.sver >= sver;
  };

  const answer = async (request: ServerRequest, { statement }: Job): Promise<TestReply> => {
    const { gate, revocations, ...running } = process;
    const rowStore = rows.storeFor(statement);
    let seen: Decision['seen'];
    const events: CoreEvent[] = [];
    const report: Report = (_request, details) => events.push(details);
    const see = (session: StoredSession | undefined): void => {
      seen = session && { state: session.state, now: now() };
    };
    const find: typeof rowStore.find = async (name) => {
      const session = await rowStore.find(name);
      see(session);
      return session;
    };
    const sessions = createSessions({
      ...running,
      database,
      store: { ...rowStore, find },
      rotateOrFind: rows.rotatingFor(statement, POLICY, see),
      refreshTokens: tokens.refreshTokens,
      policy: POLICY,
      report,
      record: createRecording().record,
      announceEnded: createAnnounceEnded({ report, announce: revocations.announce }),
      present: (user) => presentUser(user, DEFAULT_ROLES),
      announce: revocations.announce,
      facOf: () => ['password', 'totp'],
    });
    const authRequest = authRequestOf(request);
    const { jar, written } = createAnswerCookies(request);
    const token = tokens.read(request.cookie);
    const authenticate = async () => await gate.authenticate(request.authorization);

    const fresh = request.fresh ?? undefined;

    const handOut = (grant: Grant): Grant['answer'] => {
      cookies.writeSession(jar, grant.cookies);
      const who = tokens.principalOf(grant.answer.accessToken);
      if (who !== undefined) onGrant(request, who);
      return grant.answer;
    };

    const prove = async () => {
      const who = await authenticate();
      if (request.cookie === null || token?.sid !== who.sid) throw refuse('access_token_stale');
      const kind = request.input['kind'] === 'otp' ? 'otp' : 'pwd';
      return await sessions.prove(authRequest, { value: request.cookie, token, fresh }, [kind]);
    };

    const renew = async () => {
      const who = await authenticate();
      const user = users.get(who.id);
      if (request.cookie === null || token?.sid !== who.sid || user === undefined) throw refuse('access_token_stale');
      const presented = { value: request.cookie, token, fresh };
      const change = () => Promise.resolve(user);
      return await sessions.renew(authRequest, presented, { cause: 'password_changed', change });
    };

    const refresh = async () => {
      if (request.cookie === null || token === undefined) throw refuse('refresh_token_missing');
      try {
        const grant = await sessions.refresh(authRequest, request.cookie, fresh);
        onDecision({ request, token, seen, outcome: 'answered', events });
        return grant;
      } catch (error) {
        onDecision({ request, token, seen, outcome: reasonOf(error), events });
        throw error;
      }
    };

    const run = async (): Promise<unknown> => {
      switch (request.path) {
        case 'auth.refresh': {
          return handOut(await refresh());
        }
        case 'auth.reauthenticate':
          return handOut(await prove());
        case 'auth.changePassword':
          return handOut(await renew());
        case 'auth.login': {
          const user = users.get(String(request.input['username']));
          if (user === undefined) throw refusePassword('invalid_credentials');
          const proof = { amr: ['pwd' as const], at: now(), ver: user.ver };
          const claim: Claim = { user, event: 'login.succeeded', proof, settle: () => Promise.resolve(user) };
          const grant = await sessions.start(authRequest, claim, { replaced: token, device: 'device' });
          return handOut(grant);
        }
        case 'auth.logout': {
          const bearer = await authenticate().catch(() => undefined);
          await sessions.logout(authRequest, token, bearer);
          cookies.clearSession(jar);
          if (token !== undefined) onLogout(token.sid);
          return { ok: true };
        }
        default: {
          const wasGood = isGood(request);
          const who = await authenticate();
          onResolve(request, who, wasGood);
          // After the effect: as a call to another service fails, whose UNAUTHORIZED has nothing to do with our gate.
          if (request.input['fate'] === 'unauthorized') throw new TRPCError({ code: 'UNAUTHORIZED' });
          if (request.input['fate'] === 'crash') throw new TRPCError({ code: 'INTERNAL_SERVER_ERROR' });
          return who.id;
        }
      }
    };

    try {
      return { ...resultReply(await run()), cookies: written };
    } catch (error) {
      return refusedReply(error);
    }
  };

  return {
    now,
    /**
     * Takes a request in. The answer is ready when the job has run all its statements, unless the process dies before.
     */
    receive(request: ServerRequest, onAnswer: (reply: TestReply) => void): Job {
      const job = createJob();
      jobs.add(job);
      void answer(request, job).then((reply) => {
        if (!jobs.delete(job)) return;
        onAnswer(reply);
      });
      return job;
    },
    /** Ends the process between two statements and starts another. Answers that were not sent never will be. */
    restart(): void {
      for (const job of jobs) job.kill();
      jobs.clear();
      process = startProcess(parts);
    },
  };
};

export type Server = ReturnType<typeof createServer>;
