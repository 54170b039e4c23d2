import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { type Request, type Response, Router } from 'express';
import { createServer, normalizePath } from 'vite';
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

/** What the page is made of, beside libraries. */
const PAGE_SOURCES = ['index.html', 'src/client', 'src/shared', 'public'];

/** The web app from its sources, with hot reload. */
export const developmentApp = async ({ root, server, hostname }: DevelopmentAppOptions): Promise<WebApp> => {
  const sources = PAGE_SOURCES.map((path) => join(root, path));
  const watched = [...sources, join(root, 'vite.config.ts')].map(normalizePath);
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
      // Walking through all else takes as long as serving the page.
      watch: {
        ignored: (path: string) => !watched.some((source) => path.startsWith(source) || source.startsWith(path)),
      },
      // The page's own sources and the libraries, but neither the server's files nor the secrets and the database in
      // DATA_DIR.
      fs: { allow: [...sources, join(root, 'node_modules')] },
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
