import { QueryClient } from '@tanstack/react-query';
import { createRootRoute } from '@tanstack/react-router';
import { createTRPCClient } from '@trpc/client';
import { type AuthState, createAuthClient, leaveUser, queryDefaults } from 'latchkey/client';
import type { UseAuth } from 'latchkey/react';
import type { ReactNode } from 'react';
import type { Root } from 'react-dom/client';
import type { AppRouter } from './server.ts';

/** What the code of the guides takes for granted in a page: the client of "Get started", and more of an app. */
export const auth = createAuthClient({ url: '/trpc' });
export const queryClient = new QueryClient(queryDefaults(auth));
auth.onIdentityChange(() => leaveUser(queryClient));
export const client = createTRPCClient<AppRouter>({ links: auth.links() });

export const rootRoute = createRootRoute();

export declare const storage: Storage;
export declare const request: Request;
export declare const username: string;
export declare const password: string;
export declare const askForPassword: (options: { signal: AbortSignal }) => Promise<string>;
export declare const render: (state: AuthState) => void;
export declare const refetch: () => void;
export declare const show: (tick: number) => void;
export declare const root: Root;
export declare const App: () => ReactNode;
export declare const SignIn: (props: { onSubmit?: UseAuth['signIn'] }) => ReactNode;
