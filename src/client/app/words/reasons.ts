import type { Reason } from 'latchkey/shared';

const SIGN_IN_AGAIN = 'Your session is over. Sign in to continue.';
const RELOAD = 'Something is out of step between this page and the server. Reload the page and try again.';

/** What a person reads for each reason of a refusal: what happened, and what to do next. */
export const REASON_WORDS: Record<Reason, string> = {
  access_token_missing: 'Sign in to continue.',
  access_token_expired: RELOAD,
  access_token_invalid: RELOAD,
  access_token_stale: RELOAD,

  session_expired: 'Your session has expired. Sign in to continue.',
  session_revoked: 'Your session was ended. Sign in to continue.',
  refresh_token_missing: SIGN_IN_AGAIN,
  refresh_token_invalid: SIGN_IN_AGAIN,
  refresh_token_reused:
    'A copy of this session was used elsewhere, so it was ended for your safety. Sign in to continue, and look through your sessions.',
  refresh_token_ambiguous:
    'This browser holds two session cookies for this address. Clear the cookies of this site, then sign in.',

  invalid_credentials: 'The username or the password is not right. Check both and try again.',
  reauthentication_required:
    'Nothing was done: this needs your password once more. Try again, and confirm that it is you.',
  role_required: 'Your account may not do this. Ask an administrator if you need it.',
  origin_not_allowed: 'This page is not allowed to call the server. Open the app at its own address and try again.',
  transport_not_allowed: RELOAD,

  username_taken: 'This username is taken. Choose another one.',
  email_taken: 'An account with this e-mail exists. Sign in, or use another e-mail.',
  password_too_common:
    'This password is too easy to guess. Choose one that is not common, and not made of your name or ours.',
  password_breached: 'This password is in a list of stolen ones. Choose one that you use nowhere else.',

  email_not_verified: 'Confirm your e-mail first: open the link in the mail that was sent to you.',
  flow_over: 'This took too long, or was begun in another browser. Start again.',
  token_invalid: 'This link is not good any more: it was used, or is too old. Ask for a new one.',
  mail_unavailable: 'E-mail cannot be sent at the moment. Ask the people who run this app.',

  rate_limited: 'Too many attempts. Wait a little and try again.',
  too_many_streams: 'This page is open in too many tabs or windows to follow changes in this one. Close some of them.',
  unavailable: 'The service cannot be reached right now. Nothing is lost: try again in a moment.',
};

const WORDS: Readonly<Record<string, string>> = REASON_WORDS;

/** What is said of a reason, undefined for one that a newer server has brought. */
export const wordsOf = (reason: string): string | undefined =>
  Object.hasOwn(WORDS, reason) ? WORDS[reason] : undefined;
