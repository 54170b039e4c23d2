import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import express, { Router } from 'express';
import { isNavigation } from './navigation.ts';

/**
 * The web app as it was built. Files under `/assets` carry a hash of their content in their name and are kept for good;
 * the page that names them is asked for anew each time, or a deployment would not be seen.
 *
 * @throws when it was not built.
 */
export const builtApp = async (clientDir: string): Promise<Router> => {
  // Kept in memory, so that its tag is made of its content: two builds may well have equal sizes and, in an image,
  // equal dates.
  const page = await readFile(join(clientDir, 'index.html'), 'utf8');
  const router = Router();

  router.use(
    '/assets',
    express.static(join(clientDir, 'assets'), { immutable: true, maxAge: '1y', index: false, redirect: false }),
  );
  router.use((req, res, next) => {
    if (req.path !== '/index.html' && !isNavigation(req)) {
      next();
      return;
    }
    res.setHeader('Cache-Control', 'no-cache');
    res.type('html').send(page);
  });
  router.use(express.static(clientDir, { maxAge: '1h', index: false, redirect: false }));
  return router;
};
