import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { type Request, type Response, Router } from 'express';
import { createServer } from 'vite';
import type { WebApp } from '../server.ts';
import { isNavigation } from './navigation.ts';

export interface DevelopmentAppOptions {
  /** The project's folder, with `index.html` and `vite.config.ts`. */
  root: string;
  /** Vite listens for its hot-reload sockets on the same server. */
  server: Server;
  /**
   * The host that people open, beside localhost: Vite answers no other, so that no foreign name can be pointed at it.
   */
  hostname: string;
}

/** The web app from its sources, with hot reload. */
export const developmentApp = async ({ root, server, hostname }: DevelopmentAppOptions): Promise<WebApp> => {
  const vite = await createServer({
    root,
    appType: 'custom',
    clearScreen: false,
    logLevel: 'warn',
    server: {
      middlewareMode: { server },
      hmr: { server },
      allowedHosts: [hostname],
      cors: false,
      // The page's own sources and the libraries, but neither the server's files nor the secrets and the database in
      // DATA_DIR.
      fs: {
        allow: ['index.html', 'src/client', 'src/shared', 'public', 'node_modules'].map((path) => join(root, path)),
      },
    },
  });

  const router = Router();
  router.use(vite.middlewares);
  const sendPage = async (req: Request, res: Response): Promise<void> => {
    const source = await readFile(join(root, 'index.html'), 'utf8');
    const page = await vite.transformIndexHtml(req.originalUrl, source);
    res.setHeader('Cache-Control', 'no-store');
    res.type('html').send(page);
  };
  router.use((req, res, next) => {
    if (isNavigation(req)) sendPage(req, res).catch(next);
    else next();
  });
  return { handler: router, close: () => vite.close() };
};
