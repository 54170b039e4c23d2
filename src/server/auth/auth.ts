import type { User } from '../../shared/auth/index.ts';

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

/** A request as Node.js or the web's standard has it: its headers are looked at, and nothing else. */
export interface PeekRequest {
  readonly headers:
    | { get(name: string): string | null }
    | Readonly<Record<string, string | readonly string[] | undefined>>;
}

/**
 * The server half of the stack, as an app holds it. Its services are found by slots, and are internal.
 */
export interface Auth {
  /** Of `publicUrl`: the tokens' issuer, and the origin that may call with credentials. */
  readonly origin: string;
  /** Further origins that may. */
  readonly allowedOrigins: ReadonlySet<string>;
  /**
   * Opens the store and makes or changes its tables, then starts the revocation feed and the purging of what is over.
   * Once, however often it is called; the handlers call it with the first request. After a failure it can be tried
   * again, and after a `stop` that left the store open.
   *
   * @throws DatabaseUnavailableError when the store does not answer, was closed, or was migrated by another build.
   */
  start(): Promise<void>;
  /**
   * Does at once what else is done beside the requests now and then: tries once each mail that is due, and purges what
   * is over. For a cron, where the process sleeps between requests. Starts first if nobody has. Rejects after a `stop`.
   *
   * @throws DatabaseUnavailableError as `start` does.
   */
  work(): Promise<void>;
  /**
   * Ends what `start` began, and closes the store if it was opened there: for good, so that a `start` after it rejects.
   * A store that the app opened itself (`database.open()`) stays open, and `start` begins again. No request does.
   */
  stop(): Promise<void>;
  /**
   * Whose browser this is, for a page that is rendered on a server. Reads the refresh cookie and the session's row, by
   * one statement, and writes nothing: the cookie is as good afterwards as before. Null where nobody is signed in,
   * where the session is over, and for cookies that are garbage or come twice. Starts the stack if nobody has.
   *
   * Only for reading. The cookie comes with requests that the page did not make, so whatever changes something is a
   * procedure, which asks for the access token. What is rendered with it is one person's: answer with
   * `Cache-Control: private, no-store`.
   *
   * @throws DatabaseUnavailableError when the store cannot be asked.
   * @example
   * const user = await auth.peek(request); // Node's, the web's, or `{ headers: await headers() }` in Next.js
   */
  peek(request: PeekRequest): Promise<User | null>;
  /**
   * The user of an id, as every answer shows it, by one statement: `ctx.user` holds the id and the roles alone. Null
   * where there is no such account. Starts the stack if nobody has.
   *
   * @throws DatabaseUnavailableError when the stack cannot be started.
   * @example
   * const user = await ctx.auth.findUser(ctx.user.id);
   */
  findUser(id: string): Promise<User | null>;
  /** Ends all live streams of this process, because it stops. Clients come back, and find another one. */
  endStreams(): void;
  /** Whether what is revoked anywhere is known here at once. */
  isReady(): boolean;
  figures(): AuthFigures;
}
