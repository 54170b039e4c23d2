import { TRPCError } from '@trpc/server';
import type { AuthErrorData } from '../../shared/auth/error-data.ts';
import type { ReauthenticationDemand } from '../../shared/auth/proofs.ts';
import type { ReasonTable } from '../../shared/auth/reason-table.ts';
import type { CoreReason } from '../../shared/auth/reasons.ts';
import { REASONS } from '../../shared/auth/refusals.ts';
import { isTRPCError } from './trpc-error.ts';

export type RefusalDetails = Pick<AuthErrorData, 'cause' | 'retryAfter' | 'address'>;

/**
 * The mark of a refusal. Registered, since a development server may load this module twice around an instance that
 * survives.
 */
const REFUSAL = Symbol.for('latchkey.refusal');

/** The cause of a TRPCError that was raised on purpose. */
export interface Refusal {
  readonly reason: string;
  readonly details: GateDetails;
  readonly cause?: unknown;
}

/** What only the gates say. */
interface GateDetails extends RefusalDetails {
  reauthenticate?: ReauthenticationDemand;
}

const createRefusal = <TReason extends string>(
  table: ReasonTable<TReason>,
  reason: TReason,
  details: GateDetails,
  cause?: unknown,
): TRPCError => {
  const { code, message } = table[reason];
  const refusal = Object.assign(new Error(message, { cause }), { reason, details, [REFUSAL]: true });
  return new TRPCError({ code, message, cause: refusal });
};

/**
 * Makes the one way to refuse a call for the reasons of a table, a feature's or an app's. Code and message come from
 * the table, and the client finds the reason in `error.data.reason`.
 * @example
 * const refuse = createRefuse({ plan_required: { code: 'FORBIDDEN', message: 'Upgrade to a paid plan.' } });
 * throw refuse('plan_required');
 */
export const createRefuse =
  <TReason extends string>(table: ReasonTable<TReason>) =>
  (reason: TReason, details: RefusalDetails = {}): TRPCError =>
    createRefusal(table, reason, details);

/** Refuses for a reason of the core: `throw refuse('role_required')`. */
export const refuse = createRefuse<CoreReason>(REASONS);

/** Asks for a fresh proof. With the demand the client sends the call again once it is given. */
export const refuseUnlessFresh = (demand?: ReauthenticationDemand): TRPCError =>
  createRefusal(REASONS, 'reauthentication_required', demand === undefined ? {} : { reauthenticate: demand });

/** The store cannot be asked. What it said goes to the log, and to nobody else. */
export const refuseUnavailable = (cause: unknown): TRPCError => createRefusal(REASONS, 'unavailable', {}, cause);

const isRefusal = (cause: unknown): cause is Refusal => typeof cause === 'object' && cause !== null && REFUSAL in cause;

export const refusalOf = (error: TRPCError): Refusal | undefined => (isRefusal(error.cause) ? error.cause : undefined);

/** The reason for which a call was refused; undefined for an error that nobody raised on purpose. */
export const reasonOf = (error: unknown): string | undefined =>
  isTRPCError(error) ? refusalOf(error)?.reason : undefined;
