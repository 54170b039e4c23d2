/**
 * What the core asks of a host. `TExchange` is one request and the answer to it, as the host has them and as the app's
 * `createContext` is given them. A host is functions over exchanges, so that none is made for a request.
 */
export interface Host<TExchange, TRequest extends object = object> {
  /** The request, as `onError` is given it. */
  request(exchange: TExchange): TRequest;
  method(exchange: TExchange): string;
  /** The path and query, as they came. Where the handler is mounted does not matter. */
  target(exchange: TExchange): string;
  /** By its name in lower case; several of one name are joined by commas. */
  header(exchange: TExchange, name: string): string | undefined;
  /** The client's, as far as it is known. */
  address(exchange: TExchange): string | null;
  /** What the app has named this request already, for its log. */
  requestId(exchange: TExchange): string | undefined;
  /**
   * The body as bytes, or what a parser of the app around has made of it; undefined where there is none.
   * @throws TRPCError `PAYLOAD_TOO_LARGE`, `UNSUPPORTED_MEDIA_TYPE`, `BAD_REQUEST`
   */
  readBody(exchange: TExchange, maxBytes: number): Promise<unknown>;
  /** Whether nobody waits for the answer any more. */
  isDisconnected(exchange: TExchange): boolean;
  /** Calls back once: when the answer is whole and sent, or when its client has left. At once if that was before. */
  onClose(exchange: TExchange, callback: (isFinished: boolean) => void): void;

  hasHeaders(exchange: TExchange): boolean;
  setHeader(exchange: TExchange, name: string, value: string): void;
  /** Beside the values that are there. */
  appendHeader(exchange: TExchange, name: 'set-cookie' | 'vary', value: string): void;
  /** Whether the answer sets a cookie. */
  setsCookies(exchange: TExchange): boolean;
  /** Answers, whole. An empty body is none. */
  send(exchange: TExchange, status: number, body: string): void;
  /** Begins an answer whose parts follow. Its head is sent with the first of them at the latest. */
  beginStream(exchange: TExchange, status: number): void;
  /** Sends a part. False: the client has not taken what came before, so wait until it has. */
  write(exchange: TExchange, part: string | Uint8Array): boolean;
  /** Settles when more can be written, or nothing any more. */
  drained(exchange: TExchange): Promise<void>;
  endStream(exchange: TExchange): void;
  /** Cuts the client off. */
  destroy(exchange: TExchange): void;
}
