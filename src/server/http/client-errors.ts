import { type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

const STATUS_OF: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** As strict as those of the app: it never sees such a request, and a page of another site can still bring one about (a cookie that is too long). */
const HEADERS = [
  'Connection: close',
  'Content-Type: text/plain; charset=utf-8',
  'Cache-Control: no-store',
  "Content-Security-Policy: default-src 'none';frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy: same-origin',
  'Cross-Origin-Resource-Policy: same-origin',
  'Referrer-Policy: same-origin',
  'X-Content-Type-Options: nosniff',
  'X-Frame-Options: DENY',
];

const answerWith = (status: number): string => {
  const text = STATUS_CODES[status] ?? '';
  return [`HTTP/1.1 ${status} ${text}`, ...HEADERS, `Content-Length: ${text.length}`, '', text].join('\r\n');
};

/** Answers what is no HTTP, or too much of it, in a form of our own (ASVS 3.4.1 and on: every response). An unknown `Expect` is ignored (RFC 9110 section 10.1.1). */
export const answerClientErrors = (server: Server): void => {
  const busy = new WeakSet<Duplex>();
  server.prependListener('request', ({ socket }, res) => {
    busy.add(socket);
    res.once('close', () => busy.delete(socket));
  });

  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // Two answers in one would be read as the answer to the next request.
    if (!socket.writable || busy.has(socket)) {
      socket.destroy();
      return;
    }
    socket.end(answerWith(STATUS_OF[error.code ?? ''] ?? 400), () => socket.destroy());
  });
  server.on('checkExpectation', (req, res) => {
    server.emit('request', req, res);
  });
};
