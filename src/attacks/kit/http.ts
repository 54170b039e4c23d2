import { Agent, request } from 'node:http';
import { connect } from 'node:net';

/** Header lines in the order in which they are sent. A name may come twice; a value that is undefined is left out. */
export type HeaderLines = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface HttpRequest {
  method?: string;
  /** The request target as it stands in the first line. */
  target: string;
  headers?: HeaderLines;
  body?: string | Buffer;
}

/** What came back, whole. */
export interface Answer {
  status: number;
  headers: Readonly<Record<string, string | undefined>>;
  setCookies: readonly string[];
  text: string;
}

/** Sends what browsers and `fetch` would not: any header, twice if need be, on connections that are kept. */
export const createHttpClient = (port: number) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });

  const send = ({ method = 'GET', target, headers = {}, body }: HttpRequest): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const outgoing = request({ host: '127.0.0.1', port, agent, method, path: target }, (incoming) => {
        const parts: Buffer[] = [];
        incoming.on('data', (part: Buffer) => parts.push(part));
        incoming.once('error', reject);
        incoming.once('end', () => {
          const headers: Record<string, string | undefined> = {};
          for (const [name, value] of Object.entries(incoming.headers)) headers[name] = value?.toString();
          resolve({
            status: incoming.statusCode ?? 0,
            headers,
            setCookies: incoming.headers['set-cookie'] ?? [],
            text: Buffer.concat(parts).toString(),
          });
        });
      });
      outgoing.once('error', reject);
      for (const [name, value] of Object.entries(headers)) {
        if (value !== undefined) outgoing.setHeader(name, value);
      }
      // Node.js itself says no length for a method that seldom has a body, and the body is then read as the next
      // request.
      if (body !== undefined && headers['content-length'] === undefined)
        outgoing.setHeader('content-length', Buffer.byteLength(body));
      outgoing.end(body);
    });

  /**
   * Bytes as they are, on a connection of their own. Returns all that came back until the server closed it.
   * @param isAll says that no more will come, so that a server which waits for the rest does not.
   */
  const sendBytes = (bytes: string, { isAll = false } = {}): Promise<string> =>
    new Promise((resolve, reject) => {
      const parts: Buffer[] = [];
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(Buffer.from(bytes, 'latin1'));
        if (isAll) socket.end();
      });
      socket.on('data', (part) => parts.push(part));
      socket.once('close', () => resolve(Buffer.concat(parts).toString('latin1')));
      socket.once('error', (error: NodeJS.ErrnoException) => {
        // A server that has refused may close before it has read everything.
        if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve(Buffer.concat(parts).toString('latin1'));
        else reject(error);
      });
    });

  return { send, sendBytes, close: () => agent.destroy() };
};

/** A body as it was before it was sent in chunks (RFC 9112 section 7.1). */
const joinChunks = (bytes: string): string => {
  const parts: string[] = [];
  for (let rest = bytes; ; ) {
    const end = rest.indexOf('\r\n');
    const size = Number.parseInt(rest.slice(0, Math.max(0, end)), 16);
    if (!(size > 0)) return parts.join('');
    parts.push(rest.slice(end + 2, end + 2 + size));
    rest = rest.slice(end + 2 + size + 2);
  }
};

/** Reads an answer that came as bytes. */
export const readAnswer = (bytes: string): Answer => {
  const [head = '', ...rest] = bytes.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const pairs = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return {
    status: Number(statusLine.split(' ')[1] ?? 0),
    headers: Object.fromEntries(pairs),
    setCookies: pairs.filter(([name]) => name === 'set-cookie').map(([, value]) => value),
    text: /^transfer-encoding: *chunked$/im.test(head) ? joinChunks(rest.join('\r\n\r\n')) : rest.join('\r\n\r\n'),
  };
};
