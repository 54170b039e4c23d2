import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Runs what answers a request once its response has the connection: at once, or after the responses to the requests
 * that came before it on the same connection (pipelining, RFC 9112 section 9.3.2). Node.js emits no `close` on a
 * response that still waits for its connection when that is cut: whatever is released on `close` would be kept for
 * good. A request whose turn never comes has done nothing.
 */
export const inTurn = (res: ServerResponse, run: () => void): void => {
  if (res.socket !== null) {
    run();
    return;
  }
  res.once('socket', (socket: Socket) => {
    // Node.js is still in the middle of handing the connection over.
    process.nextTick(() => {
      if (!socket.destroyed) run();
    });
  });
};
