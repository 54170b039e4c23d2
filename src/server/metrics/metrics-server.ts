import type { IncomingMessage, ServerResponse } from 'node:http';
import { inTurn } from 'latchkey/server';
import type { Registry } from 'prom-client';
import type { Config } from '../config/config.ts';
import { createHttpServer } from '../http/http-server.ts';
import { type Listener, LOOPBACK, listen } from '../http/listen.ts';
import type { Log } from '../log/log.ts';

/**
 * Metrics ask for no password, and tell how much is going on: without HOST they are for this machine alone, in
 * production too. Setting HOST decides who reaches this machine there, and closes the port to all but
 * Prometheus.
 */
const hostsOf = ({ host }: Pick<Config, 'host'>): readonly string[] =>
  host === undefined || host === 'localhost' ? LOOPBACK : [host];

/**
 * Serves `/metrics` in Prometheus's text format, on a port of its own: what is open to everybody is the app's, and
 * never this.
 * @throws ListenError
 */
export const serveMetrics = async (
  registry: Registry,
  { port, host, log }: { port: number; host: string | undefined; log: Log },
): Promise<Listener> => {
  const answer = (req: IncomingMessage, res: ServerResponse): void => {
    const isKnown = req.url === '/metrics' && (req.method === 'GET' || req.method === 'HEAD');
    if (!isKnown) {
      res.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => {
        res.writeHead(200, { 'Content-Type': registry.contentType, 'Cache-Control': 'no-store' }).end(text);
      },
      (error: unknown) => {
        log.error({ err: error }, 'Collecting metrics failed');
        res.writeHead(500).end();
      },
    );
  };
  const server = createHttpServer();
  server.on('request', (req, res) => inTurn(res, () => answer(req, res)));
  return await listen(server, { port, hosts: hostsOf({ host }), variable: 'METRICS_PORT' });
};
