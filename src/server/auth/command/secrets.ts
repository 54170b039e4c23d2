import { randomBytes } from 'node:crypto';

/** More than the 32 that HS256 asks for (RFC 7518 section 3.2). */
const BYTES = 48;

const NAMES = ['ACCESS_TOKEN_SECRET', 'REFRESH_TOKEN_SECRET'] as const;

/** New secrets, as lines of a file of variables. */
export const printSecrets = (): string =>
  NAMES.map((name) => `${name}=${randomBytes(BYTES).toString('base64url')}`).join('\n');
