import { z } from 'zod/v4';
import { normalizeIdentifier } from './identifiers.ts';
import type { Role } from './roles.ts';

export const USERNAME_MIN = 3;
export const USERNAME_MAX = 32;
export const EMAIL_MAX = 254;
export const PASSWORD_MIN = 8;
export const PASSWORD_MAX = 256;

/**
 * Whether a text has at most so many Unicode code points, as ASVS 6.2.1 and NIST SP 800-63B-4 count characters. Beyond
 * two UTF-16 units for each they are not counted.
 */
export const hasAtMost = (text: string, max: number): boolean =>
  text.length <= max || (text.length <= 2 * max && [...text].length <= max);

export const usernameSchema = z
  .string()
  .transform(normalizeIdentifier)
  .pipe(
    z
      .string()
      .min(USERNAME_MIN, `Use at least ${USERNAME_MIN} characters.`)
      .max(USERNAME_MAX, `Use at most ${USERNAME_MAX} characters.`)
      .regex(/^[A-Za-z0-9_.-]*$/, 'Use letters, digits, dots, dashes and underscores only.'),
  );

export const emailSchema = z
  .string()
  .transform(normalizeIdentifier)
  .pipe(
    z
      .string()
      .max(EMAIL_MAX, `Use at most ${EMAIL_MAX} characters.`)
      .pipe(z.email('Enter an e-mail like name@example.com.')),
  );

/** Taken as it is: never trimmed, folded or cut (ASVS 6.2.8, 6.2.9). */
export const passwordSchema = z
  .string()
  .refine((password) => !hasAtMost(password, PASSWORD_MIN - 1), `Use at least ${PASSWORD_MIN} characters.`)
  .refine((password) => hasAtMost(password, PASSWORD_MAX), `Use at most ${PASSWORD_MAX} characters.`);

export const registerInput = z.strictObject({
  username: usernameSchema,
  email: emailSchema,
  password: passwordSchema,
});

/** Where accounts have no username. */
export const registerByEmailInput = registerInput.omit({ username: true });

/** Only bounded: whether it is right is looked at, and nothing else is said of it. */
const enteredPasswordSchema = z
  .string()
  .min(1, 'Enter your password.')
  .refine((password) => hasAtMost(password, PASSWORD_MAX), `Use at most ${PASSWORD_MAX} characters.`);

/** `username` takes the username or the e-mail. Only bounded here: login says nothing about which half was wrong. */
export const loginInput = z.strictObject({
  username: z
    .string()
    .transform(normalizeIdentifier)
    .pipe(
      z
        .string()
        .min(1, 'Enter your username or e-mail.')
        .max(EMAIL_MAX, `Use at most ${EMAIL_MAX} characters.`)
        // Postgres cannot keep the character U+0000, nor be asked for it.
        .refine((text) => !text.includes('\0'), 'Remove the character that cannot be shown.'),
    ),
  password: enteredPasswordSchema,
});

/** The password of somebody who is signed in, to prove that it is still them. */
export const passwordProofInput = z.strictObject({ password: enteredPasswordSchema });

/** Of somebody who is signed in. `currentPassword` where there is one. */
export const changePasswordInput = z.strictObject({
  currentPassword: enteredPasswordSchema.optional(),
  newPassword: passwordSchema,
});

export type ChangePasswordInput = z.infer<typeof changePasswordInput>;
export type RegisterInput = z.infer<typeof registerInput>;
export type RegisterByEmailInput = z.infer<typeof registerByEmailInput>;
export type LoginInput = z.infer<typeof loginInput>;

/** A user as every answer shows it. Times are ISO 8601 in UTC. */
export interface User {
  id: string;
  /** Null where people sign in by their address alone. */
  username: string | null;
  /** Null where an account has none. */
  email: string | null;
  emailVerified: boolean;
  roles: Role[];
  createdAt: string;
}

/** What login, registration and refresh answer with. The refresh token travels in the cookie alone. */
export interface SessionGrant {
  accessToken: string;
  /** Whole seconds until the access token expires, rounded down, at least 1. */
  expiresIn: number;
  user: User;
}

/** A session as its owner sees it. `id` is public and is not the `sid` that tokens carry. */
export interface SessionSummary {
  id: string;
  current: boolean;
  createdAt: string;
  /** Rounded down to the hour: a finer one would tell a thief when the owner refreshes. */
  lastSeenAt: string;
  userAgent: string | null;
  ip: string | null;
}
