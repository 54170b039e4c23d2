import { TRPCError } from '@trpc/server';
import { type AuthErrorData, REASONS, type Reason } from '../../shared/auth/index.ts';

type RefusalDetails = Pick<AuthErrorData, 'cause' | 'retryAfter' | 'address'>;

/** The cause of a TRPCError that the stack raised on purpose. */
class Refusal extends Error {
  readonly reason: Reason;
  readonly details: RefusalDetails;

  constructor(reason: Reason, details: RefusalDetails, cause: unknown) {
    super(REASONS[reason].message, { cause });
    this.reason = reason;
    this.details = details;
  }
}

/**
 * The one way to refuse a call: `throw refuse('role_required')`. Code and message come from the table of reasons, and the client
 * finds the reason in `error.data.reason`.
 */
export const refuse = (reason: Reason, details: RefusalDetails = {}): TRPCError => createRefusal(reason, details);

/** The store cannot be asked. What it said goes to the log, and to nobody else. */
export const refuseUnavailable = (cause: unknown): TRPCError => createRefusal('unavailable', {}, cause);

const createRefusal = (reason: Reason, details: RefusalDetails, cause?: unknown): TRPCError => {
  const { code, message } = REASONS[reason];
  return new TRPCError({ code, message, cause: new Refusal(reason, details, cause) });
};

export const refusalOf = (error: TRPCError): Refusal | undefined =>
  error.cause instanceof Refusal ? error.cause : undefined;

export const reasonOf = (error: unknown): Reason | undefined =>
  error instanceof TRPCError ? refusalOf(error)?.reason : undefined;
