/** How long a connection may take to be made. */
export const CONNECT_TIMEOUT_MS = 5_000;

/** No statement of the app comes near this: one that does waits for a lock, and its caller has long given up. */
export const STATEMENT_TIMEOUT_MS = 10_000;

/**
 * Later than the server's own timeout, for when no answer comes at all: the machine is gone, the connection half open.
 */
export const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 2_000;
