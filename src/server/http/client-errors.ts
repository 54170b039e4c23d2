import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { apiRefusal, isForApi } from './api-refusal.ts';
import { STRICT_TRANSPORT_SECURITY } from './security-headers.ts';

const STATUS_OF: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

export interface EarlyAnswers {
  /** Whether people reach the server by https alone. */
  hsts: boolean;
  /** Called with each answer, for the log: the app never sees its request. `code` is Node.js's own. */
  onEarlyAnswer: ((answer: { requestId: string; status: number; code: string }) => void) | undefined;
}

interface Exchange {
  req: IncomingMessage;
  res: ServerResponse;
  /** As it came: Express takes from the request's own what it is mounted at. */
  target: string | undefined;
}

/** It is this request that went wrong, in its body, and nothing of an answer to it is out. */
const isHalfRead = ({ req, res }: Exchange): boolean => !req.complete && !res.headersSent;

/** As strict as those of the app: a page of another site can bring such a request about (a cookie that is too long). */
const HEADERS = [
  'Connection: close',
  'Cache-Control: no-store',
  "Content-Security-Policy: default-src 'none';frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy: same-origin',
  'Cross-Origin-Resource-Policy: same-origin',
  'Referrer-Policy: same-origin',
  'X-Content-Type-Options: nosniff',
  'X-Frame-Options: DENY',
];

/**
 * Answers what is no HTTP, or too much of it, in a form of our own (ASVS 3.4.1 and on: every response). An unknown
 * `Expect` is ignored (RFC 9110 section 10.1.1), and this server is nobody's way to another one.
 */
export const answerClientErrors = (server: Server, { hsts, onEarlyAnswer }: EarlyAnswers): void => {
  const running = new WeakMap<Duplex, Set<Exchange>>();
  server.prependListener('request', (req, res) => {
    const exchanges = running.get(req.socket) ?? new Set();
    running.set(req.socket, exchanges);
    const exchange = { req, res, target: req.url };
    exchanges.add(exchange);
    res.once('close', () => exchanges.delete(exchange));
  });

  const answer = (socket: Duplex, status: number, code: string): void => {
    const [exchange, ...others] = running.get(socket) ?? [];
    // Ours would else be read as the answer to a request that is still to be answered, or as a part of one.
    if (!socket.writable || others.length > 0 || (exchange !== undefined && !isHalfRead(exchange))) {
      socket.destroy();
      return;
    }
    const requestId = randomUUID();
    const isApi = isForApi(exchange?.target);
    const message = `${STATUS_CODES[status] ?? ''}.`;
    const body = isApi
      ? JSON.stringify(apiRefusal({ status, message, requestId }))
      : `${message} Tell us this number when you ask about it: ${requestId}`;
    const lines = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      ...HEADERS,
      `Content-Type: ${isApi ? 'application/json' : 'text/plain; charset=utf-8'}`,
      ...(hsts ? [`Strict-Transport-Security: ${STRICT_TRANSPORT_SECURITY}`] : []),
      `X-Request-Id: ${requestId}`,
      `Content-Length: ${body.length}`,
    ];
    socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
    onEarlyAnswer?.({ requestId, status, code });
  };

  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const code = error.code ?? '';
    answer(socket, STATUS_OF[code] ?? 400, code);
  });
  server.on('connect', (_req, socket) => {
    // Node takes its own listeners off before it hands the socket over: an unheard error would end the process.
    socket.on('error', () => socket.destroy());
    socket.on('timeout', () => socket.destroy());
    answer(socket, 405, 'CONNECT');
  });
  server.on('checkExpectation', (req, res) => {
    server.emit('request', req, res);
  });
};
