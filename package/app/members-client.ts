import { createTRPCClient } from '@trpc/client';
import { type AuthEnvironment, createAuthClient } from 'latchkey/client';
import { hintCookieName } from 'latchkey/shared';
import type { AppRouter } from './members-server.js';

/** As much of a browser as the client half needs, over Node.js: cookies, and a page that is seen and online. */
const createEnvironment = (url: string): Partial<AuthEnvironment> => {
  const name = hintCookieName(new URL(url));
  const cookies = new Map<string, string>();
  return {
    fetch: async (input, init) => {
      const headers = new Headers(init?.headers);
      headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
      headers.set('x-latchkey', '1');
      const response = await fetch(input, { ...init, headers });
      for (const line of response.headers.getSetCookie()) {
        const [set = '', value = ''] = line.split(';', 1)[0]?.split('=') ?? [];
        if (value === '') cookies.delete(set);
        else cookies.set(set, value);
      }
      return response;
    },
    hint: {
      read: () => cookies.get(name) ?? null,
      write: (value) => void cookies.set(name, value),
      remove: () => void cookies.delete(name),
    },
    isOnline: () => true,
    onConnection: () => () => {},
    isVisible: () => true,
    onWake: () => () => {},
  };
};

/** Two tabs of one browser. */
export const openTabs = (url: string) => {
  const environment = createEnvironment(url);
  const open = () => {
    const auth = createAuthClient({ url: `${url}/api/trpc`, environment });
    return { auth, client: createTRPCClient<AppRouter>({ links: auth.links<AppRouter>() }) };
  };
  return { open };
};
