import type { Request } from 'express';

/**
 * Whether a browser asks for a page of the app, which the app's own router then finds. A path with an extension names a
 * file: when it is not there, the page in its place would be run as a script or shown as a broken picture.
 */
export const isNavigation = (req: Request): boolean =>
  (req.method === 'GET' || req.method === 'HEAD') &&
  !/\.[A-Za-z0-9]+$/.test(req.path) &&
  req.accepts('html', 'json') === 'html';
