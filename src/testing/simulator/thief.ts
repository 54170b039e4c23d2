import type { Jar } from './jar.ts';
import type { Job } from './job.ts';
import type { Server, ServerRequest } from './server.ts';
import type { TokenVault } from './tokens.ts';

/** Somebody with a copy of the refresh cookie, who talks to the server by other means than our client. */
export const createThief = ({ jar, tokens, now }: { jar: Jar; tokens: TokenVault; now: () => number }) => {
  let cookie: string | null = null;
  /** The sessions that the thief has used. Only those may end for it. */
  const used = new Set<string>();
  const requests = new WeakSet<ServerRequest>();

  return {
    steal(): void {
      cookie = jar.cookies.refresh;
    },
    sid: (): string | null => tokens.read(cookie)?.sid ?? null,
    hasUsed: (sid: string): boolean => used.has(sid),
    isBehind: (request: ServerRequest): boolean => requests.has(request),
    /** Refreshes with the stolen cookie, and keeps the answer unless it is lost. */
    refresh(server: Server, { isAnswerLost = false } = {}): Job | null {
      const sid = tokens.read(cookie)?.sid;
      if (sid === undefined) return null;
      used.add(sid);
      const request: ServerRequest = {
        path: 'auth.refresh',
        input: {},
        cookie,
        hint: null,
        authorization: undefined,
        sentAt: now(),
        hasClientGone: () => false,
      };
      requests.add(request);
      return server.receive(request, (reply) => {
        if (!isAnswerLost && reply.cookies?.refresh) cookie = reply.cookies.refresh;
      });
    },
  };
};

export type Thief = ReturnType<typeof createThief>;
