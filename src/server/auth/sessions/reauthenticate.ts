import type { Amr, SessionGrant } from '../../../shared/auth/index.ts';
import type { AuthContext } from '../context.ts';
import type { PresentedCookies } from './refreshing.ts';
import { sessionCookiesSlot } from './session-cookies.ts';
import { sessionsSlot } from './sessions.ts';

/**
 * Whoever has just proved once more who they are, in whichever way, comes in here: refreshes their session with the
 * proof, and writes its cookies. Several proofs add up.
 * @param amr what was proven. It has been judged.
 * @throws `access_token_stale` where the session cannot be refreshed, `unavailable`
 */
export const reauthenticate = async (
  { auth, request, cookies, presented }: AuthContext & { presented: PresentedCookies },
  amr: readonly Amr[],
): Promise<SessionGrant> => {
  const grant = await sessionsSlot.of(auth).prove(request, presented, amr);
  sessionCookiesSlot.of(auth).writeSession(cookies, grant.cookies);
  return grant.answer;
};
