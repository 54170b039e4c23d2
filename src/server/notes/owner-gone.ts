const FOREIGN_KEY_CODES = ['23503', 'SQLITE_CONSTRAINT_FOREIGNKEY'];

/**
 * Whether a note could not be written because its user is not there any more. An access token outlives an account that
 * was deleted, or that a restored backup knows nothing of.
 */
export const isOwnerGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && FOREIGN_KEY_CODES.includes(error.code);
