import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface OtherSite {
  /** Its address under a host of one's choice: whatever ends in `localhost` is this machine to the browser. */
  urlAt(host: string): string;
  /** What it shows from now on. */
  show(html: string): void;
  /** Cookies that it sets from now on, as they stand in `Set-Cookie`. */
  setCookies(...cookies: string[]): void;
  close(): void;
}

/** A server of somebody else's, on this machine. */
export const openOtherSite = async (
  answer?: (req: IncomingMessage, res: ServerResponse) => void,
): Promise<OtherSite> => {
  let html = '<!doctype html><link rel="icon" href="data:,"><title>prizes</title>';
  let cookies: string[] = [];
  const show = (_req: IncomingMessage, res: ServerResponse): void => {
    res.setHeader('set-cookie', cookies).setHeader('content-type', 'text/html').end(html);
  };
  const site = createServer(answer ?? show).listen(0, '127.0.0.1');
  await once(site, 'listening');
  const address = site.address();
  if (address === null || typeof address === 'string') throw new Error('The other site has no port.');
  return {
    urlAt: (host) => `http://${host}:${address.port}/`,
    show: (shown) => {
      html = shown;
    },
    setCookies: (...lines) => {
      cookies = lines;
    },
    close: () => {
      site.close();
      site.closeAllConnections();
    },
  };
};
