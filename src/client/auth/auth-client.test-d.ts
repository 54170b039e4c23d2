import { createTRPCClient, httpBatchLink, httpBatchStreamLink, httpLink, type TRPCLink } from '@trpc/client';
import { initTRPC, type TRPCDataTransformer } from '@trpc/server';
import { expectTypeOf, test } from 'vitest';
import { type AuthClient, type AuthState, createAuthClient } from './index.ts';

declare const superjson: TRPCDataTransformer;

const plain = initTRPC.create();
const transformed = initTRPC.create({ transformer: superjson });
const makePlain = () => plain.router({ today: plain.procedure.query(() => new Date()) });
const makeTransformed = () => transformed.router({ today: transformed.procedure.query(() => new Date()) });
type PlainRouter = ReturnType<typeof makePlain>;
type TransformedRouter = ReturnType<typeof makeTransformed>;

const without = createAuthClient({ url: '/trpc' });
const withOne = createAuthClient({ url: '/trpc', transformer: superjson });
const withTwo = createAuthClient({ url: '/trpc', transformer: { input: superjson, output: superjson } });

test('the links are those of the app’s router, and the transformer is asked for where the router has one', () => {
  const client = createTRPCClient<PlainRouter>({ links: without.links() });
  expectTypeOf(client.today.query).returns.resolves.toEqualTypeOf<string>();
  for (const auth of [withOne, withTwo]) {
    const other = createTRPCClient<TransformedRouter>({ links: auth.links() });
    expectTypeOf(other.today.query).returns.resolves.toEqualTypeOf<Date>();
  }
  // @ts-expect-error the router has a transformer, and the client was given none
  createTRPCClient<TransformedRouter>({ links: without.links() });
  // @ts-expect-error the client has a transformer, and the router none
  createTRPCClient<PlainRouter>({ links: withOne.links() });
});

test('the options fit every terminating link, with a transformer and without', () => {
  const link = <Link extends TRPCLink<PlainRouter>>(made: Link): Link => made;
  for (const make of [httpLink, httpBatchLink, httpBatchStreamLink]) {
    link(make<PlainRouter>({ ...without.httpOptions() }));
    make<TransformedRouter>({ ...withOne.httpOptions() });
    make<TransformedRouter>({ ...withTwo.httpOptions(), maxItems: 5 });
    // @ts-expect-error the router has a transformer, and the client was given none
    make<TransformedRouter>({ ...without.httpOptions() });
  }
});

test('any client is an AuthClient', () => {
  for (const auth of [without, withOne, withTwo]) expectTypeOf(auth).toExtend<AuthClient>();
  expectTypeOf(without.settled).returns.resolves.toEqualTypeOf<AuthState>();
});
