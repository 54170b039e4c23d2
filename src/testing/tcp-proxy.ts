import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  /** The given address, by way of the proxy. */
  url: string;
  /** From now on nothing is delivered, either way, and nothing is closed: connections are taken, and stay half-open. */
  freeze(): void;
  /** Delivers what was held back, and all that comes. */
  thaw(): void;
  /** Makes all that comes from now on late, each way, by so many milliseconds. */
  slowDown(milliseconds: number): void;
  /**
   * Leads new connections to another server, as a name does that points elsewhere now. Those that are there stay where
   * they are.
   */
  pointTo(targetUrl: string): void;
  /** Breaks every connection. New ones are taken. */
  cut(): void;
  /** Breaks every connection, and refuses new ones until it is opened. */
  shut(): Promise<void>;
  open(): Promise<void>;
  /** How many connections have not been ended by the side that opened them. */
  connections(): number;
}

export interface TcpProxyOptions {
  /** Called with what is sent to the server, before it gets there. */
  onSent?: (bytes: Buffer) => void;
}

/** A way to a server on loopback that can fail in the ways of a network. Ends with `shut`. */
export const startTcpProxy = async (targetUrl: string, { onSent }: TcpProxyOptions = {}): Promise<TcpProxy> => {
  let target = new URL(targetUrl);
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  let isFrozen = false;
  let lateness = 0;

  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    if (isFrozen) socket.pause();
    return socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
  };

  const deliver = (from: Socket, to: Socket): void => {
    from.on('data', (bytes) => {
      if (lateness === 0) to.write(bytes);
      else setTimeout(() => to.write(bytes), lateness);
    });
    from.on('close', () => to.destroy());
  };

  const server = createServer((near) => {
    const far = connect({ port: Number(target.port), host: target.hostname, noDelay: true });
    if (onSent !== undefined) near.on('data', onSent);
    deliver(near.setNoDelay(true), far);
    deliver(far, near);
    keep(near);
    keep(far);
    clients.add(near.on('close', () => clients.delete(near)));
  });
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
    return address.port;
  };
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };

  const port = await listen(0);
  const through = new URL(targetUrl);
  through.hostname = '127.0.0.1';
  through.port = String(port);
  return {
    url: through.href,
    freeze: () => {
      isFrozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw: () => {
      isFrozen = false;
      for (const socket of sockets) socket.resume();
    },
    slowDown: (milliseconds) => {
      lateness = milliseconds;
    },
    pointTo: (otherUrl) => {
      target = new URL(otherUrl);
    },
    cut,
    shut: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
    open: async () => {
      await listen(port);
    },
    connections: () => clients.size,
  };
};
