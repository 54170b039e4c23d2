import { PASSWORD_MIN } from 'latchkey/shared';

/** From here on a password alone is taken for strong (NIST SP 800-63B-4 section 3.1.1.2). */
const ADVISED_LENGTH = 15;

export const NEW_PASSWORD_HINT = `${PASSWORD_MIN} characters or more. ${ADVISED_LENGTH} or more is better: a few words do well.`;
