import { TRPCError } from '@trpc/server';
import { type AuthErrorData, REASONS, type Reason } from '../../shared/auth/index.ts';

type RefusalDetails = Pick<AuthErrorData, 'cause' | 'retryAfter'>;

/** The cause of a TRPCError that the stack raised on purpose. */
class Refusal extends Error {
  readonly reason: Reason;
  readonly details: RefusalDetails;

  constructor(reason: Reason, details: RefusalDetails) {
    super(REASONS[reason].message);
    this.reason = reason;
    this.details = details;
  }
}

/**
 * The one way to refuse a call: `throw refuse('role_required')`. Code and message come from the table of reasons, and the client
 * finds the reason in `error.data.reason`.
 */
export const refuse = (reason: Reason, details: RefusalDetails = {}): TRPCError => {
  const { code, message } = REASONS[reason];
  return new TRPCError({ code, message, cause: new Refusal(reason, details) });
};

export const refusalOf = (error: TRPCError): Refusal | undefined =>
  error.cause instanceof Refusal ? error.cause : undefined;

export const reasonOf = (error: unknown): Reason | undefined =>
  error instanceof TRPCError ? refusalOf(error)?.reason : undefined;
