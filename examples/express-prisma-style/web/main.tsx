import { QueryClientProvider } from '@tanstack/react-query';
import { AuthProvider } from 'latchkey/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { auth } from './auth.ts';
import { queryClient } from './trpc.ts';

const root = document.querySelector('#root');
if (root === null) throw new Error('The page has no #root.');

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <AuthProvider auth={auth}>
        <App />
      </AuthProvider>
    </QueryClientProvider>
  </StrictMode>,
);
