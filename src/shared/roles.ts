import type { Role } from 'latchkey/shared';

/** Who there is. The first is what a new account has. */
export const ROLES = ['user', 'admin'] as const satisfies readonly Role[];
