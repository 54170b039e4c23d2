import { type RequestHandler, Router } from 'express';

/** How long another service may go on with the keys that it has: a new key is published before it signs. */
const CACHE_CONTROL = 'public, max-age=300';

/**
 * `/.well-known/jwks.json` (RFC 7517), when there are public keys. Open to every origin, as its content is to everyone.
 */
export const publicKeys = (jwks: { keys: readonly JsonWebKey[] }): RequestHandler => {
  const router = Router();
  if (jwks.keys.length === 0) return router;
  router.get('/.well-known/jwks.json', (_req, res) => {
    res.set({ 'Cache-Control': CACHE_CONTROL, 'Access-Control-Allow-Origin': '*' });
    res.set('Cross-Origin-Resource-Policy', 'cross-origin');
    res.json(jwks);
  });
  return router;
};
