import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Ends a connection on which more requests wait behind an unfinished one than may. Each that waits is kept with its
 * headers, and Node.js reads on.
 */
export const limitPipelining = (server: Server, limit: number): void => {
  const waiting = new WeakMap<Socket, number>();
  server.prependListener('request', ({ socket }, res) => {
    if (res.socket !== null) return;
    const count = (waiting.get(socket) ?? 0) + 1;
    waiting.set(socket, count);
    res.once('socket', () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
    if (count > limit) socket.destroy();
  });
};
