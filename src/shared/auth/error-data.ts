import type { ReauthenticationDemand } from './proofs.ts';
import type { RevocationCause } from './reasons.ts';

/** Field errors of a refused input, as zod's `flattenError` gives them. */
export interface FieldErrors {
  formErrors: string[];
  fieldErrors: Record<string, string[] | undefined>;
}

/** What the stack adds to tRPC's `error.data`. */
export interface AuthErrorData<TReason extends string = string> {
  requestId: string;
  reason?: TReason;
  /** Beside `session_revoked`: what ended the session. */
  cause?: RevocationCause;
  /** Beside `rate_limited`: whole seconds until another attempt makes sense. */
  retryAfter?: number;
  /** Beside `origin_not_allowed`: the origin at which people open the app. */
  address?: string;
  /**
   * Beside `reauthentication_required`, and only where it was raised before the resolver ran: what to prove, before the
   * call is sent once more.
   */
  reauthenticate?: ReauthenticationDemand;
  /** Beside a refused input. */
  fields?: FieldErrors;
}
