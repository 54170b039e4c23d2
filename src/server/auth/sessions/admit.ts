import type { SessionGrant } from '../../../shared/auth/index.ts';
import type { Claim } from '../accounts/claim.ts';
import type { AuthContext } from '../context.ts';
import type { RefreshToken } from '../tokens/refresh-tokens.ts';
import { createRandomName } from '../tokens/secrets.ts';
import { sessionCookiesSlot } from './session-cookies.ts';
import { sessionsSlot } from './sessions.ts';

/** The session that the browser's cookie names, if it names one: duplicates and garbage name none. */
export const sessionInCookie = ({ auth, cookies }: AuthContext): RefreshToken | undefined => {
  const cookie = sessionCookiesSlot.of(auth).readRefresh(cookies);
  return cookie.kind === 'present' ? sessionsSlot.of(auth).readRefreshToken(cookie.token) : undefined;
};

/**
 * The one door: whoever has proved who they are, in whichever way, comes in here. Starts a session in place of the
 * browser's last one, and writes its cookies.
 * @throws what the claim throws when it holds no longer: then nothing has happened.
 */
export const admit = async (ctx: AuthContext, claim: Claim): Promise<SessionGrant> => {
  const { auth, request, cookies } = ctx;
  const sessionCookies = sessionCookiesSlot.of(auth);
  const device = sessionCookies.readDevice(cookies) ?? createRandomName();
  const grant = await sessionsSlot.of(auth).start(request, claim, { replaced: sessionInCookie(ctx), device });
  sessionCookies.writeSession(cookies, grant.cookies);
  sessionCookies.writeDevice(cookies, device);
  return grant.answer;
};
