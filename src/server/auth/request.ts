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

export interface StreamedAnswer {
  /** Throws when a part cannot be serialised, before it is: half-way, that would break the whole answer. */
  assertSendable(part: unknown): void;
  /** Says that a stream ended before its resolver did, which is then to hear of it by its signal. */
  abandon(): void;
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
  isSoleCall: boolean;
  /** Set where the parts of the answer are sent as they come. */
  streamed?: StreamedAnswer;
  /** Whether nobody waits for the answer any more. */
  isDisconnected(): boolean;
  /** Records who the caller is, for the request's log line. */
  identify(userId: string): void;
}
