export interface CookieOptions {
  httpOnly: boolean;
  secure: boolean;
  sameSite: 'strict';
  path: '/';
  /** Milliseconds; 0 deletes the cookie. */
  maxAge: number;
}

/** The cookies of one request and of its answer. */
export interface CookieJar {
  /** Every value that came under this name, as it was sent: none, one, or several when someone planted another. */
  values(name: string): readonly string[];
  set(name: string, value: string, options: CookieOptions): void;
}

/** What the stack needs to know of a request. A router test makes one by hand. */
export interface AuthRequest {
  /** Names the request in the log and in `error.data.requestId`. */
  id: string;
  /** The `Authorization` header. */
  authorization: string | undefined;
  address: string | null;
  userAgent: string | null;
  /** Whether the answer can carry cookies: it is neither streamed nor shared with other calls. */
  isAlone: boolean;
  /** Whether nobody waits for the answer any more. */
  hasClientGone(): boolean;
  /** Told who the caller is, for the request's log line. */
  identify(userId: string): void;
}
