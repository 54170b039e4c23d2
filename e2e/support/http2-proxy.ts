import { once } from 'node:events';
import { request } from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { createCertificate } from './certificate.ts';

export interface Http2Proxy {
  /** What people open: the PUBLIC_URL of the server behind. */
  url: string;
  /** Where that server is. */
  forwardTo: (origin: string) => void;
  close: () => Promise<void>;
}

/** What HTTP/2 does not know (RFC 9113 section 8.2.2). */
const OF_CONNECTIONS = new Set(['connection', 'keep-alive', 'transfer-encoding']);

const forward = (origin: string, req: Http2ServerRequest, res: Http2ServerResponse): void => {
  const headers = Object.fromEntries(Object.entries(req.headers).filter(([name]) => !name.startsWith(':')));
  const upstream = request(new URL(req.url, origin), {
    method: req.method,
    headers: { ...headers, host: req.authority, 'x-forwarded-proto': 'https', 'x-forwarded-for': '127.0.0.1' },
  });
  upstream.on('response', (answer) => {
    const kept = Object.entries(answer.headers).filter(([name]) => !OF_CONNECTIONS.has(name));
    res.writeHead(answer.statusCode ?? 502, Object.fromEntries(kept));
    answer.pipe(res);
  });
  upstream.on('error', () => res.destroy());
  res.on('close', () => upstream.destroy());
  req.pipe(upstream);
};

const listen = async (server: Http2SecureServer): Promise<number> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  return address.port;
};

/** A proxy as in front of most servers in production: TLS and HTTP/2 to the browser, HTTP/1.1 behind. */
export const startHttp2Proxy = async (): Promise<Http2Proxy> => {
  let origin = '';
  const sessions = new Set<{ destroy: () => void }>();
  const server = createSecureServer(createCertificate(), (req, res) => forward(origin, req, res));
  server.on('session', (session) => sessions.add(session));
  return {
    url: `https://localhost:${await listen(server)}`,
    forwardTo(to) {
      origin = to;
    },
    async close() {
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};
