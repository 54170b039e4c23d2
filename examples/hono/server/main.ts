import { serve } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import { serveStatic } from '@hono/node-server/serve-static';
import { type Context, Hono } from 'hono';
import { createFetchHandler } from 'latchkey/fetch';
import { auth } from './auth.ts';
import { appRouter } from './router.ts';

const handleTrpc = createFetchHandler({
  auth,
  router: appRouter,
  address: (_request, c: Context) => getConnInfo(c).remote.address,
});

const app = new Hono();
app.all('/api/trpc/*', (c) => handleTrpc(c.req.raw, c));

const port = Number(process.env.PORT ?? 3000);

if (process.env.NODE_ENV === 'production') {
  app.get('*', serveStatic({ root: 'dist' }));
  const server = serve({ fetch: app.fetch, port });
  process.once('SIGTERM', () => {
    auth.endStreams();
    server.close(() => void auth.stop());
  });
} else {
  // Vite serves the page, and passes on to Hono what is for the API: one origin, as in production.
  const { createServer } = await import('vite');
  serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, async (api) => {
    const proxy = { '/api': `http://127.0.0.1:${api.port}` };
    const vite = await createServer({ server: { port, strictPort: true, proxy } });
    await vite.listen();
    vite.printUrls();
  });
}
