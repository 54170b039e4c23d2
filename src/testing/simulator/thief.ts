import type { Jar, SimulatedCookies } from './jar.ts';
import type { Job } from './job.ts';
import { accessTokenIn } from './replies.ts';
import type { Server, ServerRequest } from './server.ts';
import type { TokenVault } from './tokens.ts';

/** What a thief does with what they are answered: take it, throw it away, or keep both and present either. */
export const MANNERS = ['takes', 'throws away', 'mixes'] as const;
export type Manner = (typeof MANNERS)[number];

/** Somebody with a copy of the refresh cookie, who talks to the server by other means than our client. */
export const createThief = ({ jar, tokens, now }: { jar: Jar; tokens: TokenVault; now: () => number }) => {
  let stolen: string | null = null;
  let newest: string | null = null;
  let accessToken: string | null = null;
  let fresh: string | null = null;
  let manner: Manner = 'takes';
  /** The sessions that the thief has used. Only those may end for it. */
  const used = new Set<string>();
  const requests = new WeakSet<ServerRequest>();

  return {
    steal(how: Manner = 'takes'): void {
      stolen = jar.cookies.refresh;
      newest = stolen;
      fresh = null;
      manner = how;
    },
    sid: (): string | null => tokens.read(stolen)?.sid ?? null,
    isStubborn: (): boolean => manner === 'throws away',
    hasUsed: (sid: string): boolean => used.has(sid),
    isBehind: (request: ServerRequest): boolean => requests.has(request),
    /**
     * Refreshes in the thief's manner, or proves with the password, which they know as well. `presentsStolen`: for who
     * mixes.
     */
    refresh(server: Server, { isAnswerLost = false, presentsStolen = false, hasPassword = false } = {}): Job | null {
      const cookie = manner === 'throws away' || (manner === 'mixes' && presentsStolen) ? stolen : newest;
      const sid = tokens.read(cookie)?.sid;
      if (sid === undefined) return null;
      used.add(sid);
      const request: ServerRequest = {
        path: hasPassword ? 'auth.reauthenticate' : 'auth.refresh',
        input: { kind: 'pwd' },
        cookie,
        hint: null,
        fresh,
        authorization: accessToken === null ? undefined : `Bearer ${accessToken}`,
        sentAt: now(),
        isDisconnected: () => false,
      };
      requests.add(request);
      return server.receive(request, (reply) => {
        if (isAnswerLost) return;
        const cookies: Partial<SimulatedCookies> = reply.cookies ?? {};
        newest = cookies.refresh ?? newest;
        fresh = cookies.fresh ?? fresh;
        accessToken = accessTokenIn(reply) ?? accessToken;
      });
    },
  };
};

export type Thief = ReturnType<typeof createThief>;
