import { refuse } from '../refusal.ts';
import type { Principal } from '../tokens/access-tokens.ts';

/** How many live streams there may be at once in one process. Each holds a connection, a timer and a listener. */
export interface StreamLimits {
  /**
   * A session is a browser. Ours shares four among all its tabs; one without Web Locks opens one for each tab that is
   * seen.
   */
  session: number;
  /** Eight browsers with four each. Whatever is told to a user is told to each of them. */
  user: number;
  process: number;
}

export const STREAM_LIMITS: StreamLimits = { session: 16, user: 32, process: 5000 };

/** Counts by name, and forgets a name when nothing of it is left. */
const createCounts = () => {
  const counts = new Map<string, number>();
  return {
    of: (name: string): number => counts.get(name) ?? 0,
    add: (name: string, change: 1 | -1): void => {
      const count = (counts.get(name) ?? 0) + change;
      if (count === 0) counts.delete(name);
      else counts.set(name, count);
    },
  };
};

/** The places of the live streams of this process. */
export const createStreamSlots = (limits: StreamLimits = STREAM_LIMITS) => {
  const sessions = createCounts();
  const users = createCounts();
  let all = 0;

  const count = ({ sid, id }: Pick<Principal, 'sid' | 'id'>, change: 1 | -1): void => {
    sessions.add(sid, change);
    users.add(id, change);
    all += change;
  };

  return {
    /**
     * Takes a place. Returns a function that releases it, once.
     * @throws `too_many_streams`
     */
    take: (principal: Pick<Principal, 'sid' | 'id'>): (() => void) => {
      const isFull =
        sessions.of(principal.sid) >= limits.session || users.of(principal.id) >= limits.user || all >= limits.process;
      if (isFull) throw refuse('too_many_streams');
      count(principal, 1);
      let isTaken = true;
      return () => {
        if (isTaken) count(principal, -1);
        isTaken = false;
      };
    },
  };
};
