import type { ReasonTable } from './reason-table.ts';
import type { CoreReason } from './reasons.ts';

/** The core's own: the tRPC code that goes with each reason, and the sentence that a person reads. */
export const REASONS = {
  access_token_missing: { code: 'UNAUTHORIZED', message: 'Sign in to continue.' },
  access_token_expired: { code: 'UNAUTHORIZED', message: 'The access token has expired. Refresh it and try again.' },
  access_token_invalid: { code: 'UNAUTHORIZED', message: 'The access token is not valid. Refresh it and try again.' },
  access_token_stale: { code: 'UNAUTHORIZED', message: 'The access token is outdated. Refresh it and try again.' },

  session_expired: { code: 'UNAUTHORIZED', message: 'Your session has expired. Sign in again.' },
  session_revoked: { code: 'UNAUTHORIZED', message: 'Your session was ended. Sign in again.' },
  refresh_token_missing: { code: 'UNAUTHORIZED', message: 'There is no session to renew. Sign in.' },
  refresh_token_invalid: { code: 'UNAUTHORIZED', message: 'The session could not be recognised. Sign in again.' },
  refresh_token_reused: {
    code: 'UNAUTHORIZED',
    message: 'This session was ended for your safety: a copy of it was used elsewhere. Sign in again.',
  },
  refresh_token_ambiguous: {
    code: 'BAD_REQUEST',
    message: 'The browser sent more than one session cookie. Close other sites of this domain, or clear its cookies.',
  },

  reauthentication_required: { code: 'FORBIDDEN', message: 'Confirm your password to continue.' },
  role_required: { code: 'FORBIDDEN', message: 'Your account does not have the role that this needs.' },
  email_not_verified: {
    code: 'FORBIDDEN',
    message: 'Confirm your e-mail first: open the link in the mail that was sent to you.',
  },
  flow_over: { code: 'UNAUTHORIZED', message: 'This took too long, or was begun in another browser. Start again.' },
  origin_not_allowed: { code: 'FORBIDDEN', message: 'Requests from this origin are not allowed.' },
  transport_not_allowed: {
    code: 'BAD_REQUEST',
    message: 'Send this call by itself: neither streamed nor in a batch with others.',
  },

  username_taken: { code: 'CONFLICT', message: 'This username is taken. Choose another one.' },
  email_taken: { code: 'CONFLICT', message: 'An account with this e-mail exists. Sign in, or use another e-mail.' },
  rate_limited: { code: 'TOO_MANY_REQUESTS', message: 'Too many attempts. Wait a little and try again.' },
  too_many_streams: {
    code: 'TOO_MANY_REQUESTS',
    message: 'Too many live connections are open. Close other tabs or windows, and it goes on by itself.',
  },
  unavailable: {
    code: 'SERVICE_UNAVAILABLE',
    message: 'The service cannot be reached right now. Try again in a moment.',
  },
} as const satisfies ReasonTable<CoreReason>;
