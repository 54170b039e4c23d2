import type { Auth } from './auth.ts';
import type { AuthRequest, CookieJar } from './request.ts';

/** The context that the stack's procedures need. An app's own context extends it. */
export interface AuthContext {
  auth: Auth;
  request: AuthRequest;
  cookies: CookieJar;
}
