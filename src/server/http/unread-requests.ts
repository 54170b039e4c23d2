import type { Server } from 'node:http';

/**
 * Ends the connection of a request that was answered before all of it had come, unless the rest comes soon. Node.js
 * would read on, to throw it away, for as long as a request may take.
 * @param patience in milliseconds: time for the rest of a small body, whose sender may go on with the connection.
 */
export const endUnreadRequests = (server: Server, patience: number): void => {
  server.on('request', (req, res) => {
    res.once('finish', () => {
      if (req.complete) return;
      const cut = setTimeout(() => {
        if (!req.complete) req.socket.destroy();
      }, patience).unref();
      req.once('close', () => clearTimeout(cut));
    });
  });
};
