/** What the stack can tell of itself, for metrics. */
export interface AuthFigures {
  /** Whether revocations of other processes arrive by themselves; otherwise the database is asked. */
  isFeedLive: boolean;
  /** How long ago the feed last proved that it delivers, in milliseconds; Infinity before the first time. */
  feedLagMs: number;
  openSubscriptions: number;
  /** Rows that were removed since the start, by kind. */
  purgedRows: ReadonlyMap<string, number>;
  /** Attempts that were refused since the start, by the limit that they met. */
  rateLimited: ReadonlyMap<string, number>;
}

/**
 * The server half of the stack, as an app holds it. Its services are found by slots, and are nobody else's business.
 */
export interface Auth {
  /** Of `publicUrl`: the tokens' issuer, and the origin that may call with credentials. */
  readonly origin: string;
  /** Further origins that may. */
  readonly allowedOrigins: ReadonlySet<string>;
  /**
   * Opens the store and makes or changes its tables, then starts the revocation feed and the purging of what is over.
   *
   * @throws DatabaseUnavailableError when the store does not answer, or was migrated by another build.
   */
  start(): Promise<void>;
  /** Ends what `start` began, and closes the store if it was opened there. */
  stop(): Promise<void>;
  /** Ends all live streams of this process, because it stops. Clients come back, and find another one. */
  endStreams(): void;
  /** Whether what is revoked anywhere is known here at once. */
  isReady(): boolean;
  figures(): AuthFigures;
}
