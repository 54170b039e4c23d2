import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export interface Connections {
  /**
   * Whether each answer from now on says that its connection ends with it. Connections without a request are left as
   * they are.
   */
  announceEnd(isAnnounced: boolean): void;
  /** Ends each connection as soon as no request runs on it. */
  endWhenIdle(): void;
}

/**
 * Knows which connections of a server carry a request. Node's own `closeIdleConnections` spares those that have not
 * carried one yet, and browsers open such in advance: each would hold up the end of the server.
 */
export const trackConnections = (server: Server): Connections => {
  const running = new Map<Socket, number>();
  let isAnnounced = false;
  let isEnding = false;

  const endIfIdle = (socket: Socket): void => {
    if (isEnding && running.get(socket) === 0) socket.destroySoon();
  };
  const count = (socket: Socket, change: number): void => {
    const before = running.get(socket);
    if (before !== undefined) running.set(socket, before + change);
  };

  server.on('connection', (socket) => {
    running.set(socket, 0);
    socket.once('close', () => running.delete(socket));
    endIfIdle(socket);
  });
  server.prependListener('request', ({ socket }, res) => {
    count(socket, 1);
    if (isAnnounced) res.setHeader('Connection', 'close');
    res.once('close', () => {
      count(socket, -1);
      endIfIdle(socket);
    });
  });

  return {
    announceEnd: (newState) => {
      isAnnounced = newState;
    },
    endWhenIdle: () => {
      isAnnounced = true;
      isEnding = true;
      for (const socket of running.keys()) endIfIdle(socket);
    },
  };
};
