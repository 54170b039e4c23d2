import { TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { MAIL_REASONS } from '../../../shared/auth/features/mail.ts';
import { PASSWORD_REASONS } from '../../../shared/auth/features/passwords.ts';
import type { AuthErrorData, Reason, RevocationCause, User } from '../../../shared/auth/index.ts';
import { REASONS } from '../../../shared/auth/refusals.ts';
import { decideRotation, type RotationState, sessionEndsAt } from '../../../shared/auth/rotation.ts';
import { isRecord } from '../internal/record.ts';

/** The cookies that matter, as all tabs of a browser share them. */
export interface TestJar {
  refresh: string | null;
  hint: string | null;
}

export interface TestReply {
  status?: number;
  /** Why it was refused, if the stack itself did. */
  reason?: Reason;
  body: unknown;
  cookies?: Partial<TestJar>;
}

export interface TestRequest {
  path: string;
  input: unknown;
  accessToken: string | undefined;
  headers: Headers;
  init: RequestInit;
  refresh: string | null;
}

/** What goes with a reason in `error.data`. */
type RefusalData = Pick<AuthErrorData, 'cause' | 'retryAfter' | 'reauthenticate'>;

export const refusal = (reason: Reason, more: RefusalData = {}): TestReply => {
  const { code, message } = { ...REASONS, ...PASSWORD_REASONS, ...MAIL_REASONS }[reason];
  const status = getHTTPStatusCodeFromError(new TRPCError({ code }));
  const data = { code, httpStatus: status, requestId: 'request', reason, ...more };
  return { status, reason, body: { error: { message, code: TRPC_ERROR_CODES_BY_KEY[code], data } } };
};

/** The refusal of a call that asks for a proof which is not older than ten minutes. */
export const demand = (): TestReply =>
  refusal('reauthentication_required', { reauthenticate: { maxAge: MAX_PROOF_AGE / 1_000, methods: ['password'] } });

export const unavailable = (): TestReply => refusal('unavailable');

export const userOf = (name: string): User => ({
  id: `id-of-${name}`,
  username: name,
  email: `${name}@example.com`,
  emailVerified: false,
  // An app's own, which the kit does not know.
  roles: [],
  createdAt: '2024-01-01T00:00:00.000Z',
});

const failed = (error: unknown): TestReply => ({
  status: 500,
  body: {
    error: {
      message: error instanceof Error ? error.message : String(error),
      code: -32603,
      data: { code: 'INTERNAL_SERVER_ERROR', httpStatus: 500, requestId: 'request' },
    },
  },
});

/** What a call of the app's is answered with. `user` is null for the procedures that are open to all. */
export type TestProcedure<Who extends User | null = User> = (call: { input: unknown; user: Who }) => unknown;

export interface TestServerOptions {
  /** How long an access token lives, in seconds. */
  expiresIn?: number | undefined;
  now?: (() => number) | undefined;
  /** In milliseconds. */
  leeway?: number | undefined;
  /** The app's procedures by their paths. One that is not here answers with the user's name. */
  procedures?: Readonly<Record<string, TestProcedure>> | undefined;
  openProcedures?: Readonly<Record<string, TestProcedure<null>>> | undefined;
  /** Those that ask who signed in, or proved it anew, more than ten minutes ago to do so. */
  freshProcedures?: Readonly<Record<string, TestProcedure>> | undefined;
}

const DAY = 24 * 3_600_000;

const MAX_PROOF_AGE = 10 * 60_000;

interface TestSession {
  user: User;
  hint: string;
  rotation: RotationState;
  provenAt: number;
  /** How often it was proven anew: tokens from before are outdated. */
  proofs: number;
}

/** The session and the generation that a refresh cookie names: `sid-1` is the first, `sid-1.2` the second. */
const readCookie = (cookie: string | null): { sid: string; gen: number } => {
  const [sid = '', gen = '1'] = cookie?.split('.') ?? [];
  return { sid, gen: Number(gen) };
};

const answered = (procedure: () => unknown): TestReply => {
  try {
    return { body: { result: { data: procedure() } } };
  } catch (error) {
    return failed(error);
  }
};

/** A server as small as the client's contract allows. Its refresh tokens rotate by the server's own rules. */
export const createTestServer = ({
  expiresIn = 900,
  now = () => 0,
  leeway = 30_000,
  procedures = {},
  openProcedures = {},
  freshProcedures = {},
}: TestServerOptions = {}) => {
  const sessions = new Map<string, TestSession>();
  const tokens = new Map<string, { session: TestSession; expiresAt: number; proofs: number }>();
  let made = 0;

  const grant = (sid: string, session: TestSession): TestReply => {
    made += 1;
    const accessToken = `access-${made}`;
    tokens.set(accessToken, { session, expiresAt: now() + expiresIn * 1_000, proofs: session.proofs });
    const { issued } = session.rotation;
    return {
      body: { result: { data: { accessToken, expiresIn, user: { ...session.user } } } },
      cookies: { refresh: issued === 1 ? sid : `${sid}.${issued}`, hint: session.hint },
    };
  };

  const endSession = ({ rotation }: TestSession, cause: RevocationCause): void => {
    rotation.revokedCause ??= cause;
  };
  const end = (cookie: string | null, cause: RevocationCause): void => {
    const session = sessions.get(readCookie(cookie).sid);
    if (session) endSession(session, cause);
  };

  const refresh = (cookie: string | null): TestReply => {
    if (cookie === null) return refusal('refresh_token_missing');
    const { sid, gen } = readCookie(cookie);
    const session = sessions.get(sid);
    if (session === undefined) return refusal('refresh_token_invalid');

    const presented = { gen, expiresAt: sessionEndsAt(session.rotation) };
    const outcome = decideRotation(session.rotation, presented, now(), { leewayMs: leeway, idleTtlMs: 7 * DAY });
    switch (outcome.kind) {
      case 'revoked':
        return refusal('session_revoked', { cause: outcome.cause });
      case 'expired':
        return refusal('session_expired');
      case 'reuse':
        endSession(session, 'reuse');
        return refusal('refresh_token_reused');
      default:
        session.rotation = outcome.next;
        return grant(sid, session);
    }
  };

  const server = {
    /** Makes a session as a login would have, and gives the cookies of it. */
    openSession(name: string): TestJar {
      const sid = `sid-${sessions.size + 1}`;
      const rotation: RotationState = {
        issued: 1,
        confirmed: 0,
        issuedAt: now(),
        handedAt: now(),
        forks: 0,
        idleEndsAt: now() + 7 * DAY,
        absoluteEndsAt: now() + 90 * DAY,
        revokedCause: null,
      };
      const hint = `hint-${sessions.size + 1}`;
      const session = { user: userOf(name), hint, rotation, provenAt: now(), proofs: 0 };
      sessions.set(sid, session);
      return { refresh: sid, hint: session.hint };
    },
    end,
    refresh,
    expireTokens(): void {
      for (const token of tokens.values()) token.expiresAt = now();
    },
    expireProofs(): void {
      for (const session of sessions.values()) session.provenAt = now() - MAX_PROOF_AGE - 1;
    },
    isLive: (cookie: string): boolean => sessions.get(readCookie(cookie).sid)?.rotation.revokedCause === null,
    /** Whose token it is, dead or alive. */
    ownerOf: (accessToken: string): string | undefined => tokens.get(accessToken)?.session.user.username ?? undefined,
    /** The gate of a protected procedure: the user, or why not. */
    gate(
      accessToken: string | undefined,
    ): { user: User; session: TestSession; expiresAt: number } | { refused: TestReply } {
      if (accessToken === undefined) return { refused: refusal('access_token_missing') };
      const token = tokens.get(accessToken);
      if (token === undefined) return { refused: refusal('access_token_invalid') };
      const { session } = token;
      const { revokedCause: cause } = session.rotation;
      if (cause !== null) return { refused: refusal('session_revoked', { cause }) };
      const { expiresAt } = token;
      if (now() >= expiresAt) return { refused: refusal('access_token_expired') };
      if (token.proofs < session.proofs) return { refused: refusal('access_token_stale') };
      return { user: session.user, session, expiresAt };
    },
    handle(request: TestRequest): TestReply {
      switch (request.path) {
        case 'auth.refresh':
          return refresh(request.refresh);
        case 'auth.login':
        case 'auth.register': {
          const name = isRecord(request.input) ? String(request.input['username']) : '';
          if (name === 'wrong') return refusal('invalid_credentials');
          end(request.refresh, 'replaced');
          const { refresh: sid } = server.openSession(name);
          const session = sid === null ? undefined : sessions.get(sid);
          if (sid === null || session === undefined) throw new Error('No session was opened.');
          return grant(sid, session);
        }
        case 'auth.logout': {
          end(request.refresh, 'logout');
          const token = request.accessToken === undefined ? undefined : tokens.get(request.accessToken);
          if (token) endSession(token.session, 'logout');
          return { body: { result: { data: { ok: true } } }, cookies: { refresh: null, hint: null } };
        }
        case 'auth.reauthenticate': {
          const passed = server.gate(request.accessToken);
          if ('refused' in passed) return passed.refused;
          if (isRecord(request.input) && request.input['password'] === 'wrong') return refusal('invalid_credentials');
          passed.session.provenAt = now();
          passed.session.proofs += 1;
          return refresh(request.refresh);
        }
        default: {
          const { path, input, accessToken } = request;
          const openProcedure = openProcedures[path];
          if (openProcedure) return answered(() => openProcedure({ input, user: null }));
          const passed = server.gate(accessToken);
          if ('refused' in passed) return passed.refused;
          const { user, session } = passed;
          const freshProcedure = freshProcedures[path];
          if (freshProcedure && now() - session.provenAt > MAX_PROOF_AGE) return demand();
          const procedure = freshProcedure ?? procedures[path];
          return answered(() => (procedure ? procedure({ input, user }) : user.username));
        }
      }
    },
  };
  return server;
};

export type TestServer = ReturnType<typeof createTestServer>;
