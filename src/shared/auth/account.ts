import { z } from 'zod/v4';
import { EMAIL_MAX, type User } from './schemas.ts';

/** `confirm`: the username, or the address of an account without one, in any spelling. */
export const deleteAccountInput = z.strictObject({
  confirm: z.string().min(1, 'Type the name of your account.').max(EMAIL_MAX, `Use at most ${EMAIL_MAX} characters.`),
});

/** What an account can be proven by, for its owner. Times are ISO 8601 in UTC. */
export interface FactorList {
  totp: { id: string; name: string; createdAt: string; usedAt: string | null }[];
  passkeys: { id: string; name: string; createdAt: string; usedAt: string | null; synced: boolean }[];
  /** By which authenticators know the account. Null where it has no passkey. */
  passkeyUserHandle: string | null;
  recoveryCodesLeft: number;
  trustedBrowsers: number;
  identities: { provider: string; email: string | null; linkedAt: string }[];
  hasPassword: boolean;
}

/** All that is kept of a person, but for secrets. Times are ISO 8601 in UTC. */
export interface AccountExport {
  at: string;
  user: User;
  /** The days on which each known device signed in last. */
  knownDevices: string[];
  /** Those that have ended too, as long as they are kept. */
  sessions: {
    id: string;
    createdAt: string;
    lastSeenAt: string;
    provenAt: string;
    provenBy: string[];
    provenAgainAt: string | null;
    endsAt: string;
    userAgent: string | null;
    ip: string | null;
    endedAt: string | null;
    cause: string | null;
  }[];
  /** What was begun, and may not be finished: a mailed link, a change of address. */
  begun: { kind: string; createdAt: string; endsAt: string; usedAt: string | null }[];
  /** What each feature keeps, by its name. */
  features: Record<string, unknown>;
  /** What the app keeps, as `onExport` of `createAuth` says. Null without it. */
  app: unknown;
}
