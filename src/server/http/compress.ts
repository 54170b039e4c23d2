import compression from 'compression';
import type { RequestHandler } from 'express';

/**
 * Compresses files, pages and the answers of queries. Never an answer that can hold a token: where an attacker's text and a secret are compressed
 * together, the length tells the secret (BREACH). Tokens are answers to POST, so no POST is. Streams are left alone, for
 * compression would hold their parts back.
 */
export const compress = (): RequestHandler =>
  compression({
    filter: (req, res) =>
      (req.method === 'GET' || req.method === 'HEAD') &&
      req.headers['trpc-accept'] === undefined &&
      !res.hasHeader('set-cookie') &&
      !/^text\/event-stream|^application\/jsonl/.test(String(res.getHeader('content-type'))) &&
      compression.filter(req, res),
  });
