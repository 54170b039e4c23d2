import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a Postgres that counts what is asked of it, by whatever library. */
export interface StatementCounter {
  url: string;
  count(): number;
  stop(): Promise<void>;
}

const TYPE_BYTES = 1;
const LENGTH_BYTES = 4;

/** Query, and Execute: one of the two is sent for every statement that runs. */
const STATEMENT_TYPES = new Set(['Q', 'E'].map((type) => type.charCodeAt(0)));

/** @see https://www.postgresql.org/docs/current/protocol-message-formats.html */
const createReader = (onStatement: () => void) => {
  let rest: Buffer = Buffer.alloc(0);
  // The first message of a connection has a length and no type.
  let typeBytes = 0;
  return (bytes: Buffer): void => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= typeBytes + LENGTH_BYTES) {
      const end = typeBytes + rest.readUInt32BE(typeBytes);
      if (rest.length < end) return;
      if (typeBytes > 0 && STATEMENT_TYPES.has(rest.readUInt8(0))) onStatement();
      rest = rest.subarray(end);
      typeBytes = TYPE_BYTES;
    }
  };
};

export const countStatements = async (databaseUrl: string): Promise<StatementCounter> => {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let count = 0;

  const join = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on('error', () => from.destroy()).on('close', () => to.destroy());
    from.pipe(to);
  };
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: Number(target.port), host: target.hostname, noDelay: true });
    const read = createReader(() => {
      count += 1;
    });
    near.on('data', read);
    join(near, far);
    join(far, near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The statement counter has no port.');
  const through = new URL(databaseUrl);
  through.port = String(address.port);

  return {
    url: through.href,
    count: () => count,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};
