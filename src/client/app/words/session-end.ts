import type { SessionEnd } from 'latchkey/client';
import type { CoreCause, MailCause, PasswordCause } from 'latchkey/shared';
import { REASON_WORDS } from './reasons.ts';

const CAUSE_WORDS: Record<CoreCause | PasswordCause | MailCause, string> = {
  logout: 'You signed out in another tab or window. Sign in to continue.',
  replaced: 'A newer sign-in in this browser took the place of this session. Sign in to continue.',
  ended_by_user: 'This session was ended from another device. Sign in to continue.',
  reuse: REASON_WORDS.refresh_token_reused,
  password_changed: 'Your password was changed, which ended this session. Sign in with the new one.',
  email_reverted: 'The e-mail of this account was taken back, which ended all its sessions. Sign in to continue.',
  account_disabled: 'This account has been disabled. Ask an administrator to enable it.',
  account_deleted: 'This account was deleted, and everything in it. Create a new one to continue.',
  ended_by_admin: 'An administrator ended this session. Sign in to continue.',
  too_many_sessions:
    'You signed in on so many devices that this session, the longest unused, was ended. Sign in to continue.',
  renewed: 'This session goes on under another name, and what brought it was lost. Sign in to continue.',
};

const WORDS = new Map<string, string>(Object.entries(CAUSE_WORDS));

/** Why the session is over, and what to do about it. */
export const sessionEndWords = ({ reason, cause }: SessionEnd): string => {
  if (reason === 'signed_out') return 'You are signed out.';
  // A newer server may have brought the cause, and a person at its database may have made it up.
  return (cause === undefined ? undefined : WORDS.get(cause)) ?? REASON_WORDS[reason];
};
