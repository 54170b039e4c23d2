import { z } from 'zod/v4';

const answerSchema = z.object({
  result: z.object({ data: z.unknown() }).optional(),
  error: z.object({ data: z.object({ reason: z.string().optional() }) }).optional(),
});
const grantSchema = z.object({ accessToken: z.string() });

/** Generous: what takes longer has not been answered. */
const PATIENCE_MS = 60_000;

/** What a call came to: an answer of the server, or none. */
export type Outcome =
  | { status: number; reason: string | undefined; data: unknown; setCookies: readonly string[] }
  | 'no answer';

export interface Browser {
  /** As the browser sends them. */
  cookies: Map<string, string>;
  accessToken: string;
  call(path: string, request?: { input?: object; method?: 'GET' | 'POST' }): Promise<Outcome>;
}

/** Somebody's browser: it keeps cookies whatever happens, and the access token that it was given last. */
export const createBrowser = (urlOf: () => string): Browser => {
  const browser: Browser = {
    cookies: new Map(),
    accessToken: '',
    call: async (path, { input, method = 'POST' } = {}) => {
      const query =
        method === 'GET' && input !== undefined ? `?input=${encodeURIComponent(JSON.stringify(input))}` : '';
      try {
        const response = await fetch(`${urlOf()}/api/trpc/${path}${query}`, {
          method,
          headers: {
            'content-type': 'application/json',
            'x-latchkey': '1',
            authorization: `Bearer ${browser.accessToken}`,
            cookie: [...browser.cookies].map(([cookie, value]) => `${cookie}=${value}`).join('; '),
          },
          signal: AbortSignal.timeout(PATIENCE_MS),
          ...(method === 'POST' && input !== undefined && { body: JSON.stringify(input) }),
        });
        const answer = answerSchema.parse(await response.json());
        const setCookies = response.headers.getSetCookie();
        for (const line of setCookies) {
          const [cookie = '', value = ''] = line.split(';', 1)[0]?.split('=') ?? [];
          browser.cookies.set(cookie, value);
        }
        const data = answer.result?.data;
        browser.accessToken = grantSchema.safeParse(data).data?.accessToken ?? browser.accessToken;
        return { status: response.status, reason: answer.error?.data.reason, data, setCookies };
      } catch {
        return 'no answer';
      }
    },
  };
  return browser;
};
