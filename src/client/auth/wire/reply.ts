import { TRPCClientError } from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import type { SessionGrant } from '../../../shared/auth/index.ts';
import { isRecord } from '../internal/record.ts';

/** What became of a call. */
export type Reply =
  | { kind: 'result'; data: unknown }
  /** tRPC's own refusal: the server has said something definite. */
  | { kind: 'refusal'; error: TRPCClientError<AnyRouter>; data: Record<string, unknown> }
  /**
   * No answer, or none that is tRPC's: a captive portal's page, a proxy's, a half of one. Says nothing about the
   * session.
   */
  | { kind: 'nothing'; cause: unknown };

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Reads an answer by its body alone: proxies and portals make up statuses, not tRPC's envelope. */
export const readReply = (text: string): Reply => {
  const body = parseJson(text);
  if (isRecord(body)) {
    const { result } = body;
    if (isRecord(result)) return { kind: 'result', data: result['data'] };
    // Has data of its own only if it was made of tRPC's whole envelope.
    const error = TRPCClientError.from<AnyRouter>(body);
    const data: unknown = error.data;
    if (isRecord(data) && typeof data['code'] === 'string') return { kind: 'refusal', error, data };
  }
  return { kind: 'nothing', cause: new Error('This is no answer of the API.') };
};

/** What a header may hold of a JWT: anything else in an answer is no token. */
const TOKEN = /^[\w.-]+$/;

/**
 * Whether an answer grants a session. Checks what the engine builds on; the rest of the user is the server's word, so
 * that a server which knows more fields or roles than an open tab does not lock it out.
 */
export const isGrant = (data: unknown): data is SessionGrant =>
  isRecord(data) &&
  typeof data['accessToken'] === 'string' &&
  TOKEN.test(data['accessToken']) &&
  typeof data['expiresIn'] === 'number' &&
  data['expiresIn'] > 0 &&
  isRecord(data['user']) &&
  typeof data['user']['id'] === 'string';
