import type { RevocationCause } from '../../../shared/auth/index.ts';

/** Something that makes access tokens void before their time. */
export type RevocationNotice =
  | { kind: 'session'; sid: string; cause: RevocationCause }
  /** The session was proven anew: tokens with a lower counter are stale. */
  | { kind: 'proof'; sid: string; sver: number }
  | { kind: 'user'; userId: string; ver: number };

/** Makes known what was revoked and committed. Settles once it is sent; never rejects. */
export type Announce = (notices: readonly RevocationNotice[]) => Promise<void>;

export interface FeedListener {
  /**
   * Reads from the store all that may have been missed, or what was revoked within so many milliseconds.
   */
  catchUp(withinMs?: number): Promise<void>;
  notice(notice: RevocationNotice): void;
}

/** Brings what other processes have revoked. One implementation for each store. */
export interface RevocationFeed {
  /** Settles when the feed is live, or has begun to try. Called again after a stop, when an auth begins again. */
  start(listener: FeedListener): Promise<void>;
  /** Whether whatever was revoked anywhere is known here, within the feed's bound. */
  isLive(): boolean;
  /**
   * How long ago the feed last proved that it delivers, in milliseconds: what was revoked before is known here.
   * Infinity before the first time.
   */
  lag(): number;
  /** Tells the other processes what this one has revoked. */
  announce: Announce;
  stop(): Promise<void>;
}
