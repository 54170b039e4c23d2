import { initTRPC } from '@trpc/server';
import { expectTypeOf, test } from 'vitest';
import type { Auth } from '../auth.ts';
import type { AuthContext } from '../context.ts';
import { createFetchHandler } from './fetch.ts';

declare const auth: Auth;

/** What a framework tells beside the request, as Hono's context does. */
interface Conn {
  remote: string;
  waitUntil(promise: Promise<void>): void;
}

const router = initTRPC.context<AuthContext>().create().router({});
const withTenant = initTRPC.context<AuthContext & { tenant: string }>().create().router({});

test('a handler is called with the request alone where nothing else is declared', () => {
  const handle = createFetchHandler({ auth, router });
  expectTypeOf(handle).toEqualTypeOf<(request: Request, runtime?: unknown) => Promise<Response>>();
  expectTypeOf(handle).toExtend<(request: Request) => Promise<Response>>();
  const byHeader = createFetchHandler({ auth, router, address: (request) => request.headers.get('x-real-ip') });
  expectTypeOf(byHeader).toEqualTypeOf<(request: Request, runtime?: unknown) => Promise<Response>>();
});

test('what the handler takes beside the request is what any of the three declares', () => {
  const byAddress = createFetchHandler({ auth, router, address: (_request, c: Conn) => c.remote });
  expectTypeOf(byAddress).parameters.toEqualTypeOf<[Request, Conn]>();
  const byWaitUntil = createFetchHandler({
    auth,
    router,
    waitUntil: (promise, _request, c: Conn) => c.waitUntil(promise),
  });
  expectTypeOf(byWaitUntil).parameters.toEqualTypeOf<[Request, Conn]>();
  const byContext = createFetchHandler({
    auth,
    router: withTenant,
    createContext: (context, _host, c: Conn) => ({ ...context, tenant: c.remote }),
  });
  expectTypeOf(byContext).parameters.toEqualTypeOf<[Request, Conn]>();
});

test('what nothing declares may be handed on as well', () => {
  const handle = createFetchHandler({ auth, router });
  expectTypeOf(handle).toBeCallableWith(new Request('https://app.example'), { remote: '203.0.113.7' });
});

test('all three together, and those that declare nothing beside them', () => {
  const all = createFetchHandler({
    auth,
    router: withTenant,
    address: (_request, c: Conn) => c.remote,
    createContext: (context, { request }, c: Conn) => ({ ...context, tenant: request.url + c.remote }),
    waitUntil: (promise, _request, c: Conn) => c.waitUntil(promise),
  });
  expectTypeOf(all).parameters.toEqualTypeOf<[Request, Conn]>();
  const last = createFetchHandler({
    auth,
    router: withTenant,
    address: (request) => request.headers.get('x-real-ip'),
    createContext: (context) => ({ ...context, tenant: '' }),
    waitUntil: (promise, _request, c: Conn) => c.waitUntil(promise),
  });
  expectTypeOf(last).parameters.toEqualTypeOf<[Request, Conn]>();
  const middle = createFetchHandler({
    auth,
    router: withTenant,
    address: () => null,
    createContext: (context, _host, c: Conn) => ({ ...context, tenant: c.remote }),
  });
  expectTypeOf(middle).parameters.toEqualTypeOf<[Request, Conn]>();
});
