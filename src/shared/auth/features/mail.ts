import { z } from 'zod/v4';
import type { ReasonTable } from '../reason-table.ts';
import { emailSchema, loginInput, usernameSchema } from '../schemas.ts';

export type MailReason = 'mail_unavailable' | 'token_invalid';

/** Why sessions ended: `error.data.cause`, beside those of the core. */
export type MailCause = 'email_reverted';

export const MAIL_REASONS = {
  mail_unavailable: {
    code: 'SERVICE_UNAVAILABLE',
    message: 'This app cannot send e-mail at the moment. Ask the people who run it.',
  },
  token_invalid: {
    code: 'BAD_REQUEST',
    message: 'This link is not good any more: it was used, or is too old. Ask for a new one.',
  },
} as const satisfies ReasonTable<MailReason>;

const MAILED_TOKEN_MAX = 256;

/** As it is in a link, or copied from the text of a mail. Only bounded here: a wrong one is `token_invalid`. */
export const mailedTokenSchema = z
  .string()
  .max(MAILED_TOKEN_MAX, `Use at most ${MAILED_TOKEN_MAX} characters.`)
  .transform((text) => text.trim())
  .pipe(z.string().min(1, 'Enter the code from the mail.'));

export const verifyEmailInput = z.strictObject({
  token: mailedTokenSchema,
  /** Of the account, where the browser is not signed in to it. */
  password: loginInput.shape.password.optional(),
  /** Another one, where that of the sign-up has been taken in the meantime. */
  username: usernameSchema.optional(),
});

export const revertEmailInput = z.strictObject({
  token: mailedTokenSchema,
  /** The one that stood before the address was changed. */
  password: loginInput.shape.password.optional(),
});

export const changeEmailInput = z.strictObject({ email: emailSchema });

export type VerifyEmailInput = z.infer<typeof verifyEmailInput>;
export type RevertEmailInput = z.infer<typeof revertEmailInput>;
export type ChangeEmailInput = z.infer<typeof changeEmailInput>;
