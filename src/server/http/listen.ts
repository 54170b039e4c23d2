import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { createServer as createNetServer, Server as NetServer } from 'node:net';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { codeOf } from '../error-code.ts';
import { trackConnections } from './connections.ts';

/** This machine alone. */
export const LOOPBACK: readonly string[] = ['127.0.0.1', '::1'];

/** The address cannot be listened on. The message is one line for the person who starts the server. */
export class ListenError extends Error {
  override name = 'ListenError';
}

export interface ListenOptions {
  port: number;
  /** Addresses. None: all of this machine. */
  hosts: readonly string[];
  /** The variable that sets the port, for who has to choose another. Default `PORT`. */
  variable?: string;
}

export interface Listener {
  port: number;
  /**
   * Goes on until the promise settles, but ends each connection with its next answer, and says so there. Then takes no
   * more connections, and has those that are kept by a proxy used up, so that it has none left into which it could send
   * a request while they are closed.
   */
  drain(until: Promise<unknown>): Promise<void>;
  /**
   * Takes no more connections, lets the requests that run finish, and ends the connections that wait for one. What is
   * left after `graceMs` milliseconds is cut off.
   */
  close(graceMs: number): Promise<void>;
}

/** This machine has no such address, as one without IPv6 has no `::1`. */
const MISSING_ADDRESS = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT']);

const explain = (error: unknown, { port, variable = 'PORT' }: ListenOptions): ListenError => {
  const code = codeOf(error);
  if (code === 'EADDRINUSE') {
    return new ListenError(
      `Port ${port} is taken by another program. Stop it, or choose another one with ${variable}.`,
    );
  }
  if (code === 'EACCES')
    return new ListenError(`Port ${port} may not be used by this user. Choose one above 1023 with ${variable}.`);
  return new ListenError(
    `The server cannot listen on port ${port}: ${error instanceof Error ? error.message : String(error)}`,
  );
};

const listenOn = async (server: NetServer, port: number, host: string | undefined): Promise<void> => {
  server.listen({ port, ...(host !== undefined && { host }) });
  await once(server, 'listening');
};

/**
 * Settles when its last connection is over. Those that are idle stay, which the `close` of an HTTP server would end.
 */
const stopListening = (server: NetServer): Promise<void> =>
  new Promise((resolve) => {
    // The only error is that it does not listen, which is what we want.
    NetServer.prototype.close.call(server, () => resolve());
  });

/**
 * For a proxy to get connections that it keeps, and to use them up: longer than it takes to answer, and as short as it
 * can be.
 */
const HANDOVER_MS = 500;

const QUIET_MS = 1;
const MAX_TURNS = 100;

/**
 * Until a turn of the event loop in which there was hardly anything to do. It has just taken the connections that were
 * waiting to be taken, and those that come between that and the end of listening are reset by the system, with the
 * requests that are in them.
 */
const untilQuiet = async (): Promise<void> => {
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    const start = performance.now();
    await nextTurn();
    if (performance.now() - start < QUIET_MS) return;
  }
};

const portOf = (server: NetServer): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

/**
 * Makes an HTTP server listen on one or several addresses. Each further address has a socket of its own, whose
 * connections are handed to the same server: `localhost` is IPv4 for some programs and IPv6 for others, and both must
 * find it.
 *
 * @throws ListenError
 */
export const listen = async (server: HttpServer, options: ListenOptions): Promise<Listener> => {
  const [first, ...others] = options.hosts;
  const connections = trackConnections(server);
  const bound: NetServer[] = [];
  const bind = async (socket: NetServer, port: number, host: string | undefined): Promise<void> => {
    try {
      await listenOn(socket, port, host);
      bound.push(socket);
    } catch (error) {
      if (host !== undefined && options.hosts.length > 1 && MISSING_ADDRESS.has(codeOf(error) ?? '')) return;
      await Promise.all(bound.map(stopListening));
      throw explain(error, options);
    }
  };

  await bind(server, options.port, first);
  const port = options.port === 0 ? portOf(server) : options.port;
  for (const host of others) {
    const socket = createNetServer({ allowHalfOpen: true, noDelay: true }, (connection) => {
      server.emit('connection', connection);
    });
    await bind(socket, port, host);
  }

  const [anyBound] = bound;
  if (anyBound === undefined)
    throw new ListenError(`This machine has none of the addresses ${options.hosts.join(', ')}.`);

  let closed: Promise<unknown> | undefined;
  const stopTaking = (): Promise<unknown> => {
    closed ??= Promise.all(bound.map(stopListening));
    return closed;
  };

  return {
    port: portOf(anyBound),
    drain: async (until) => {
      connections.announceEnd(true);
      await until;
      // With connections that it keeps, a proxy opens hardly any at the moment from which they are refused. Those that
      // are on their way then are reset by the system, and a POST that is in one of them is not for a proxy to send
      // again.
      connections.announceEnd(false);
      await delay(HANDOVER_MS);
      await untilQuiet();
      void stopTaking();
      connections.announceEnd(true);
      await delay(HANDOVER_MS);
    },
    close: async (graceMs) => {
      const over = stopTaking();
      connections.endWhenIdle();
      const cutOff = setTimeout(() => server.closeAllConnections(), graceMs);
      await over;
      clearTimeout(cutOff);
      // It has ended by now. This stops the timer by which an HTTP server looks for slow requests.
      server.close(() => {});
    },
  };
};
