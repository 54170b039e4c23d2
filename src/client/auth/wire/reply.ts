import type { NextStep, SessionGrant } from '../../../shared/auth/index.ts';
import { isRecord } from '../internal/record.ts';

/** What became of a call. */
export type Reply =
  | { data: unknown; error?: undefined }
  /**
   * tRPC's own refusal, by which the server has said something definite: a `TRPCClientError` with data. Or an
   * `OfflineError` without: no answer, or none that is tRPC's (a captive portal's page, a proxy's, a half of one),
   * which says nothing about the session.
   */
  | { data?: undefined; error: Error };

/** Whether an answer asks for another step before it grants a session. */
export const isNextStep = (data: unknown): data is NextStep => isRecord(data) && typeof data['next'] === 'string';

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
