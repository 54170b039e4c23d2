import { z } from 'zod/v4';
import { emailSchema, passwordSchema } from '../schemas.ts';
import { mailedTokenSchema } from './mail.ts';

export const requestPasswordResetInput = z.strictObject({ email: emailSchema });

export const resetPasswordInput = z.strictObject({ token: mailedTokenSchema, password: passwordSchema });

export type ResetPasswordInput = z.infer<typeof resetPasswordInput>;
