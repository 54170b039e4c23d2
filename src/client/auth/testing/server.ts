import type { Reason, RevocationCause, User } from '../../../shared/auth/index.ts';
import { isRecord } from '../record.ts';

/** The cookies that matter, as all tabs of a browser share them. */
export interface TestJar {
  refresh: string | null;
  hint: string | null;
}

export interface TestReply {
  status?: number;
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

export const refusal = (reason: Reason, more: { cause?: RevocationCause; retryAfter?: number } = {}): TestReply => ({
  status: 401,
  body: {
    error: {
      message: `Refused: ${reason}`,
      code: -32001,
      data: { code: 'UNAUTHORIZED', httpStatus: 401, requestId: 'request', reason, ...more },
    },
  },
});

export const unavailable = (): TestReply => ({
  status: 503,
  body: {
    error: {
      message: 'Unavailable',
      code: -32603,
      data: { code: 'SERVICE_UNAVAILABLE', httpStatus: 503, requestId: 'request', reason: 'unavailable' },
    },
  },
});

export const userOf = (name: string): User => ({
  id: `id-of-${name}`,
  username: name,
  email: `${name}@example.com`,
  emailVerified: false,
  roles: ['user'],
  createdAt: '2024-01-01T00:00:00.000Z',
});

interface TestSession {
  user: User;
  hint: string;
  ended: RevocationCause | null;
}

/** A server as small as the client's contract allows. Its refresh tokens do not rotate: that is the server's own matter. */
export const createTestServer = ({ expiresIn = 900 }: { expiresIn?: number } = {}) => {
  const sessions = new Map<string, TestSession>();
  const tokens = new Map<string, { session: TestSession; expired: boolean }>();
  let made = 0;

  const grant = (sid: string, session: TestSession): TestReply => {
    made += 1;
    const accessToken = `access-${made}`;
    tokens.set(accessToken, { session, expired: false });
    return {
      body: { result: { data: { accessToken, expiresIn, user: { ...session.user } } } },
      cookies: { refresh: sid, hint: session.hint },
    };
  };

  const end = (sid: string | null, cause: RevocationCause): void => {
    const session = sid === null ? undefined : sessions.get(sid);
    if (session) session.ended ??= cause;
  };

  const server = {
    /** Makes a session as a login would have, and gives the cookies of it. */
    openSession(name: string): TestJar {
      const sid = `sid-${sessions.size + 1}`;
      const session = { user: userOf(name), hint: `hint-${sessions.size + 1}`, ended: null };
      sessions.set(sid, session);
      return { refresh: sid, hint: session.hint };
    },
    end,
    expireTokens(): void {
      for (const token of tokens.values()) token.expired = true;
    },
    isLive: (sid: string): boolean => sessions.get(sid)?.ended === null,
    /** Whose token it is, dead or alive. */
    ownerOf: (accessToken: string): string | undefined => tokens.get(accessToken)?.session.user.username,
    /** The gate of a protected procedure: the user, or why not. */
    gate(accessToken: string | undefined): { user: User } | { refused: TestReply } {
      if (accessToken === undefined) return { refused: refusal('access_token_missing') };
      const token = tokens.get(accessToken);
      if (token === undefined) return { refused: refusal('access_token_invalid') };
      const { session } = token;
      if (session.ended !== null) return { refused: refusal('session_revoked', { cause: session.ended }) };
      return token.expired ? { refused: refusal('access_token_expired') } : { user: session.user };
    },
    handle(request: TestRequest): TestReply {
      switch (request.path) {
        case 'auth.refresh': {
          const session = request.refresh === null ? undefined : sessions.get(request.refresh);
          if (request.refresh === null) return refusal('refresh_token_missing');
          if (session === undefined) return refusal('refresh_token_invalid');
          if (session.ended !== null) return refusal('session_revoked', { cause: session.ended });
          return grant(request.refresh, session);
        }
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
          if (token) token.session.ended ??= 'logout';
          return { body: { result: { data: { ok: true } } }, cookies: { refresh: null, hint: null } };
        }
        default: {
          const passed = server.gate(request.accessToken);
          return 'refused' in passed ? passed.refused : { body: { result: { data: passed.user.username } } };
        }
      }
    },
  };
  return server;
};

export type TestServer = ReturnType<typeof createTestServer>;
