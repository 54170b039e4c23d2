/** How long the previous generation of a refresh token may be answered, in seconds. */
export const REFRESH_LEEWAY = { min: 1, max: 300 } as const;

/** A session that may be idle for longer than it lives never is. */
export const idleTtlProblem = (
  { idle, absolute }: { idle: number; absolute: number },
  nameOfAbsolute: string,
): string | undefined => (idle > absolute ? `must be at most ${nameOfAbsolute}, which is ${absolute}` : undefined);
