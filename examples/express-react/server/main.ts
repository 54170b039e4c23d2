import { createServer } from 'node:http';
import express from 'express';
import { createExpressHandler } from 'latchkey/express';
import { auth } from './auth.ts';
import { appRouter } from './router.ts';

const app = express();
const server = createServer(app);

app.use('/api/trpc', createExpressHandler({ auth, router: appRouter }));

if (process.env.NODE_ENV === 'production') {
  app.use(express.static('dist'));
  process.once('SIGTERM', () => {
    auth.endStreams();
    server.close(() => void auth.stop());
  });
} else {
  const vite = await import('vite');
  const { middlewares } = await vite.createServer({ server: { middlewareMode: { server }, hmr: { server } } });
  app.use(middlewares);
}

const port = process.env.PORT ?? 3000;
server.listen(port, () => console.log(`http://localhost:${port}`));
