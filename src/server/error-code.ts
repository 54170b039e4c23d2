/**
 * The code of an error of the system, of Node.js or of a driver, as in `ENOSPC`. The package has the same two lines for
 * itself: they are not worth a public name.
 */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
