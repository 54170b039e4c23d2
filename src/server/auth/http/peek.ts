import type { User } from '../../../shared/auth/index.ts';
import type { PeekRequest } from '../auth.ts';
import type { SessionCookies } from '../sessions/session-cookies.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Starting } from '../starting.ts';
import { DatabaseUnavailableError } from '../store/store.ts';
import { isStoreUnavailable } from '../store/store-errors.ts';
import { readCookies } from './cookie-jar.ts';

const cookieHeaderOf = ({ headers }: PeekRequest): string => {
  const header: unknown = typeof headers.get === 'function' ? headers.get('cookie') : Reflect.get(headers, 'cookie');
  return typeof header === 'string' ? header : '';
};

export interface PeekOptions {
  starting: Pick<Starting, 'pending'>;
  sessionCookies: SessionCookies;
  sessions: Sessions;
}

/** `auth.peek`. */
export const createPeek =
  ({ starting, sessionCookies, sessions }: PeekOptions) =>
  async (request: PeekRequest): Promise<User | null> => {
    const header = cookieHeaderOf(request);
    const cookie = sessionCookies.readRefresh({ values: readCookies(header) });
    if (cookie.kind !== 'present') return null;
    try {
      await starting.pending();
      return await sessions.peek(cookie.token);
    } catch (error) {
      if (!isStoreUnavailable(error)) throw error;
      throw new DatabaseUnavailableError('The store cannot be asked who is signed in.', { cause: error });
    }
  };
