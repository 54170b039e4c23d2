import { mailedLinks } from './mailed-links.ts';
import './no-eval.ts';
import { EventSource } from 'eventsource';
import { createAuthClient } from 'latchkey/client';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { AppRouter } from '#server/routers/index.ts';
import { App } from './app/app.tsx';
import { createQueryClient } from './app/query-client.ts';
import { createAppRouter } from './app/router.tsx';
import { trpc } from './app/trpc.ts';
import './app/styles.css';

const auth = createAuthClient({ url: '/api/trpc' });
const queryClient = createQueryClient(auth);
const router = createAppRouter();
const trpcClient = trpc.createClient({ links: auth.links<AppRouter>({ EventSource }) });

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id "root".');

// Restoring belongs to the page, not to a component: StrictMode runs effects twice.
auth.start();
createRoot(root).render(
  <StrictMode>
    <App auth={auth} router={router} queryClient={queryClient} trpcClient={trpcClient} mailedLinks={mailedLinks} />
  </StrictMode>,
);
