import type { SessionGrant } from '../../../shared/auth/index.ts';
import type { AuthContext } from '../context.ts';
import type { PresentedCookies } from './refreshing.ts';
import type { Renewal } from './renewing.ts';
import { sessionCookiesSlot } from './session-cookies.ts';
import { sessionsSlot } from './sessions.ts';

/**
 * Whatever changes a credential of whoever calls ends here: in one transaction the change, the end of all other
 * sessions, and a new name for this one. Its context is that of `freshSessionProcedure`.
 * @throws `access_token_stale` where the session has ended in the meantime; what the change throws
 */
export const renew = async (
  { auth, request, cookies, presented }: AuthContext & { presented: PresentedCookies },
  renewal: Renewal,
): Promise<SessionGrant> => {
  const grant = await sessionsSlot.of(auth).renew(request, presented, renewal);
  sessionCookiesSlot.of(auth).writeSession(cookies, grant.cookies);
  return grant.answer;
};
