import { createServer } from 'node:http';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import express from 'express';
import { createExpressHandler } from 'latchkey/express';
import { auth } from './auth.ts';
import { bringMembers } from './bring-members.ts';
import { db } from './db.ts';
import { appRouter } from './router.ts';

// Latchkey's tables first: those of the app refer to them.
await auth.start();
migrate(db, { migrationsFolder: 'drizzle' });
await bringMembers();

const app = express();
const server = createServer(app);

app.use('/api/trpc', createExpressHandler({ auth, router: appRouter }));

if (process.env.NODE_ENV === 'production') app.use(express.static('dist'));
else {
  const vite = await import('vite');
  const { middlewares } = await vite.createServer({ server: { middlewareMode: { server }, hmr: { server } } });
  app.use(middlewares);
}

const port = process.env.PORT ?? 3000;
server.listen(port, () => console.log(`http://localhost:${port}`));

process.once('SIGTERM', () => server.close(() => void auth.stop()));
