import type { SessionGrant } from '../../../shared/auth/index.ts';
import type { AuthEnvironment } from '../environment.ts';
import { chainDataOf } from '../errors.ts';
import type { AccessToken } from '../session/access-token.ts';
import type { Call } from '../session/identity.ts';
import type { Session } from '../session/session.ts';
import { sessionEndOf } from '../session/session-end.ts';

/**
 * What the session is to the calls of the app: the token of the moment, the wait for another one, and the end of it.
 */
export interface Calls extends Pick<Session, 'exchange' | 'identity' | 'isSignedOut' | 'signOut' | 'state'> {
  /** Begins a call as the user of this moment. It is dropped with an error when that user leaves. */
  open: (onDropped: (error: Error) => void) => Call;
  /** The access token at this moment, null without one. */
  token: () => Pick<AccessToken, 'grant' | 'generation'> | null;
  /** Notes what a call is sent with. */
  stamp: (call: Call) => void;
  /** Waits until the call may be sent: not while restoring, nor with a token that is known to be past. */
  ready: () => Promise<void>;
  /**
   * After a refusal at the gate: waits for another token than the one refused. False if there is no session to have one
   * of.
   */
  recover: (call: Call) => Promise<boolean>;
  /** Renews the token now, with everyone who wants the same. Null if there is no session to renew. */
  refresh: () => Promise<SessionGrant | null>;
  /** The server has refused the call, and may have said that the session is over. */
  refused: (call: Call, data: Record<string, unknown>, error: Error) => void;
}

export const createCalls = (session: Session, { now }: Pick<AuthEnvironment, 'now'>): Calls => ({
  ...session,

  open(onDropped) {
    session.start();
    // Another tab may have signed in since: then this call is that user's, and need not be refused to find out.
    if (session.is('anonymous')) session.sync();
    return session.identity.open(onDropped);
  },

  stamp(call) {
    call.sentWith = session.token()?.generation ?? null;
    call.sentIn = session.epoch();
  },

  async ready() {
    const token = session.token();
    const isPast = token !== null && now() >= token.expiresAt;
    await session.tokenAfter(isPast ? token.generation : null).catch((error: unknown) => {
      // If the server answers, it is for the gate to say which calls can do without.
      if (!('code' in chainDataOf(error))) throw error;
    });
  },

  async recover(call) {
    if (!call.isCurrent()) return false;
    await session.tokenAfter(call.sentWith);
    return call.isCurrent() && !session.is('anonymous');
  },

  async refresh() {
    session.start();
    await session.tokenAfter(session.token()?.generation ?? null);
    return session.token()?.grant ?? null;
  },

  refused(call, data, error) {
    const end = sessionEndOf(data);
    // Of the five reasons the gate knows one. What it says of an earlier session says nothing of this one.
    if (end?.reason === 'session_revoked' && call.sentIn === session.epoch()) session.end(end, error);
  },
});
