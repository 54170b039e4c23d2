import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { type Answer, type HttpRequest, readAnswer } from './http.ts';

/** Where a connection would be: it keeps what is written to it. */
const createEar = (): { socket: Socket; bytes: () => string } => {
  const parts: Buffer[] = [];
  const socket = new Socket();
  socket._write = (part: Buffer | string, encoding, done) => {
    parts.push(Buffer.isBuffer(part) ? part : Buffer.from(part, encoding));
    done();
  };
  socket._writev = (chunks, done) => {
    for (const { chunk, encoding } of chunks)
      parts.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk), encoding));
    done();
  };
  return { socket, bytes: () => Buffer.concat(parts).toString('latin1') };
};

/** Far longer than any answer takes: only one that never comes is told by it. */
const PATIENCE = 10_000;

/**
 * Hands a request to the app as Node.js would, without a connection: many times as fast, and with headers that its
 * parser would refuse.
 */
export const dispatch = (
  app: RequestListener,
  { method = 'GET', target, headers = {}, body }: HttpRequest,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { socket, bytes } = createEar();
    const req = new IncomingMessage(socket);
    req.method = method;
    req.url = target;
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined)
        req.headers[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value.toString();
    }
    const content = Buffer.from(body ?? '');
    if (content.length > 0) req.headers['content-length'] ??= String(content.length);
    req.push(content.length > 0 ? content : null);
    if (content.length > 0) req.push(null);
    req.complete = true;

    const res = new ServerResponse(req);
    res.assignSocket(socket);
    const stuck = setTimeout(() => reject(new Error(`No answer to ${method} ${target}`)), PATIENCE);
    res.once('finish', () => {
      clearTimeout(stuck);
      resolve(readAnswer(bytes()));
      res.detachSocket(socket);
      res.emit('close');
      socket.destroy();
    });
    app(req, res);
  });
