import type { RevocationCause } from '../../../shared/auth/index.ts';
import type { StoredUser } from '../accounts/stored-user.ts';
import type { Clock } from '../clock.ts';
import { refuse } from '../refusal.ts';
import type { AuthRequest } from '../request.ts';
import type { RecordEvents } from '../store/recording.ts';
import type { Announce } from '../store/revocation-feed.ts';
import type { AuthDatabase } from '../store/tables.ts';
import { hashSecret } from '../tokens/secrets.ts';
import { type AnnounceEnded, endedEvents } from './announce-ended.ts';
import { type Grant, type Granting, provenBy } from './granting.ts';
import { makeSession } from './new-session.ts';
import type { PresentedCookies } from './refreshing.ts';
import type { SessionStore } from './session-store.ts';

/** A change of credentials that renews the session of whoever makes it. */
export interface Renewal {
  /** Why the other sessions of the account end. */
  cause: RevocationCause;
  /**
   * Carries out the change in the transaction, and raises `ver`, which voids what was begun before: sign-ins that wait
   * for their second factor, mailed links, trusted browsers. Returns the user as it is then, undefined where the
   * account is gone. If it throws, nothing has happened.
   */
  change(transaction: AuthDatabase): Promise<StoredUser | undefined>;
}

export interface RenewingOptions {
  database: AuthDatabase;
  store: SessionStore;
  clock: Clock;
  policy: { idleTtlMs: number; absoluteTtlMs: number };
  record: RecordEvents;
  announce: Announce;
  announceEnded: AnnounceEnded;
  granting: Granting;
}

/** Renews the session of the cookies with a change, and ends all others of its user. */
export type Renew = (request: AuthRequest, presented: PresentedCookies, renewal: Renewal) => Promise<Grant>;

/**
 * A session goes on under new names, `sid` and `sec`, so that whoever has copied the old ones rides along no more (ASVS
 * 7.2.4). It keeps what people know it by: the public id, its beginning, its absolute end, and what was proven in it.
 * @throws `access_token_stale` where the session has ended in the meantime: then the change has not happened either
 */
export const createRenewing =
  ({ database, store, clock, policy, record, announce, announceEnded, granting }: RenewingOptions): Renew =>
  async (request, { token, fresh }, { cause, change }) => {
    const now = clock.now();
    const { user, made, others } = await database.transaction().execute(async (transaction) => {
      // The account comes first, as wherever sessions end: those that are about to start wait for it.
      const user = await change(transaction);
      if (user === undefined) throw refuse('access_token_stale');
      const secHash = hashSecret(token.sec);
      const session = await store.endRenewed(transaction, { sid: token.sid, user, secHash }, now);
      if (session === undefined) throw refuse('access_token_stale');
      const others = await store.revokeAll(transaction, { userId: user.id }, cause, now);
      const made = makeSession(request, {
        userId: user.id,
        signIn: session.signIn,
        now,
        policy,
        predecessor: {
          id: session.id,
          createdAt: session.createdAt,
          absoluteEndsAt: session.state.absoluteEndsAt,
          sver: Math.max(session.sver, token.sver),
          times: provenBy(session, fresh, now) ?? {},
        },
      });
      await store.insert(transaction, made.row);
      await record(transaction, request, endedEvents(others, cause));
      return { user, made, others };
    });

    await Promise.all([
      announceEnded(request, others, cause),
      announce([
        { kind: 'session', sid: token.sid, cause: 'renewed' },
        { kind: 'user', userId: user.id, ver: user.ver },
      ]),
    ]);
    return granting({ ...made.session, user }, made.granted);
  };
