import { QueryClient } from '@tanstack/react-query';
import { createTRPCClient, httpBatchStreamLink } from '@trpc/client';
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query';
import { leaveUser, queryDefaults } from 'latchkey/client';
import type { AppRouter } from '../server/router.ts';
import { auth } from './auth.ts';

export const queryClient = new QueryClient(queryDefaults(auth));
auth.onIdentityChange(() => leaveUser(queryClient));

const client = createTRPCClient<AppRouter>({ links: [auth.link(), httpBatchStreamLink({ ...auth.httpOptions() })] });
export const trpc = createTRPCOptionsProxy({ client, queryClient });
