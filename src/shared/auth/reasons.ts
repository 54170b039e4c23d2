/**
 * Raised by the gate, before the resolver ran. The only reasons that the client answers with a refresh and one retry:
 * nothing has happened yet, so nothing can happen twice.
 */
export const GATE_REASONS = [
  'access_token_missing',
  'access_token_expired',
  'access_token_invalid',
  'access_token_stale',
] as const;

/** The session is over. The client drops it, unless another tab has signed in since. */
export const SESSION_OVER_REASONS = [
  'session_expired',
  'session_revoked',
  'refresh_token_missing',
  'refresh_token_invalid',
  'refresh_token_reused',
] as const;

/**
 * The core's reasons for refusing a call. Each feature has a table of its own, and so may the app: `error.data.reason`
 * is their union.
 */
export type CoreReason =
  | GateReason
  | SessionOverReason
  | 'refresh_token_ambiguous'
  | 'reauthentication_required'
  | 'role_required'
  | 'email_not_verified'
  | 'flow_over'
  | 'origin_not_allowed'
  | 'transport_not_allowed'
  | 'username_taken'
  | 'email_taken'
  | 'rate_limited'
  | 'too_many_streams'
  | 'unavailable';

export type GateReason = (typeof GATE_REASONS)[number];
export type SessionOverReason = (typeof SESSION_OVER_REASONS)[number];

const oneOf =
  <Name extends string>(names: readonly Name[]) =>
  (value: unknown): value is Name =>
    names.some((name) => name === value);

export const isGateReason = oneOf(GATE_REASONS);
export const isSessionOverReason = oneOf(SESSION_OVER_REASONS);

/** The core's causes for the end of a session before its time. Each feature names its own, as `PasswordCause`. */
export type CoreCause =
  | 'logout'
  | 'replaced'
  | 'ended_by_user'
  | 'reuse'
  | 'account_disabled'
  | 'account_deleted'
  | 'ended_by_admin'
  | 'too_many_sessions'
  | 'renewed';

/**
 * What ended a session: `error.data.cause` beside `session_revoked`, and the row in the store. Any name at run time: a
 * feature of the server, or a person at its database, may have given one that the reader does not know.
 */
export type RevocationCause = CoreCause | (string & Record<never, never>);
