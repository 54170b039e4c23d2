import compression from 'compression';
import type { RequestHandler } from 'express';

/**
 * Compresses files and pages, and the answers that the API hands to it. Never one that sets a cookie: where an
 * attacker's text and a secret are compressed together, the length tells the secret (BREACH).
 */
export const compress = (): RequestHandler =>
  compression({
    filter: (req, res) =>
      (req.method === 'GET' || req.method === 'HEAD') && !res.hasHeader('set-cookie') && compression.filter(req, res),
  });
