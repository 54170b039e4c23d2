import type { AuthEnvironment } from '../environment.ts';
import { IdentityChangedError } from '../errors.ts';
import { createEmitter } from '../internal/emitter.ts';
import type { ProcedureCaller } from '../wire/procedure-caller.ts';
import { isGrant } from '../wire/reply.ts';
import type { LocalSession } from './local-session.ts';
import type { Logout } from './logout.ts';
import type { TabLock } from './tab-lock.ts';

/** Hashing a password takes its time on a busy server. */
const TIMEOUT_MS = 30_000;

export interface Exchanges {
  /**
   * Calls a mutation of the router `auth`, alone, and takes over the session that it grants, if it grants one. Rejects
   * with its refusal, or with an `OfflineError` if there was no answer.
   * @param currentToken asked when it is its turn to be sent. By default that of the session that is held then.
   */
  run: (
    path: string,
    input: unknown,
    signal?: AbortSignal | null,
    currentToken?: () => string | undefined,
  ) => Promise<unknown>;
  isIdle: () => boolean;
  /** Resolves when none is under way. Never rejects. */
  idle: () => Promise<void>;
  /** Called when one begins, and when none is under way any more. */
  onChange: (listener: () => void) => void;
}

/**
 * Sign-ins, and whatever else trades something for a session. One after the other, each alone on the wire: cookies of
 * two answers that cross would overwrite each other. A sign-out drops those under way.
 */
export const createExchanges = (
  { now }: Pick<AuthEnvironment, 'now'>,
  callProcedure: ProcedureCaller,
  local: LocalSession,
  tabLock: TabLock,
  logout: Logout,
): Exchanges => {
  const changes = createEmitter();
  let underWay = 0;
  let last: Promise<void> = Promise.resolve();

  return {
    run(path, input, signal, currentToken = () => local.token()?.grant.accessToken) {
      underWay += 1;
      changes.emit();
      logout.pause();
      const signOut = logout.signal();
      const turn = last.then(async () => {
        const signals = [signOut, signal];
        const accessToken = currentToken();
        const sentAt = now();
        const { data, error } = await tabLock(signals, () =>
          callProcedure({ path, input, accessToken, signals, timeoutMs: TIMEOUT_MS }),
        );
        // Looked at in the same breath in which the grant is adopted: the person may have signed out meanwhile.
        if (signOut.aborted) throw new IdentityChangedError();
        if (error) throw error;
        if (isGrant(data)) local.adopt(data, sentAt, true);
        return data;
      });
      const end = (): void => {
        underWay -= 1;
        if (underWay > 0) return;
        // If it came to nothing, what waited for it goes on.
        logout.wake();
        changes.emit();
      };
      last = turn.then(end, end);
      return turn;
    },
    isIdle: () => underWay === 0,
    idle: () => last,
    onChange: changes.subscribe,
  };
};
