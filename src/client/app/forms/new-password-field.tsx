import { PASSWORD_MIN } from 'latchkey/shared';
import type { ComponentProps } from 'react';
import { PasswordField } from '../ui/password-field.tsx';

/** From here on a password alone is taken for strong (NIST SP 800-63B-4 section 3.1.1.2). */
const ADVISED_LENGTH = 15;

const HINT = `${PASSWORD_MIN} characters or more. ${ADVISED_LENGTH} or more is better: a few words do well.`;

/** A password that is chosen here, and that managers offer to make. */
export const NewPasswordField = (props: Omit<ComponentProps<typeof PasswordField>, 'autoComplete' | 'hint'>) => (
  <PasswordField autoComplete="new-password" hint={HINT} {...props} />
);
