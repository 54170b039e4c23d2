import type { TRPCClientErrorLike } from '@trpc/client';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { type Principal, publicProcedure, roleProcedure } from 'latchkey/server';
import type { Reason, RevocationCause, User } from 'latchkey/shared';
import { expectTypeOf, test } from 'vitest';
import type { Note } from '#shared/notes.ts';
import type { AppContext } from './context.ts';
import { type AppRouter, appRouter } from './index.ts';
import { createCallerFactory, protectedProcedure } from './trpc.ts';

declare const context: AppContext;

type ErrorData = NonNullable<TRPCClientErrorLike<AppRouter>['data']>;

test('the client infers why a call was refused', () => {
  expectTypeOf<ErrorData['reason']>().toEqualTypeOf<Reason | undefined>();
  expectTypeOf<ErrorData['cause']>().toEqualTypeOf<RevocationCause | undefined>();
  expectTypeOf<ErrorData['retryAfter']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<ErrorData['requestId']>().toEqualTypeOf<string>();
});

test('the client infers inputs and outputs', () => {
  expectTypeOf<inferRouterOutputs<AppRouter>['user']['me']>().toEqualTypeOf<User>();
  expectTypeOf<inferRouterOutputs<AppRouter>['notes']['create']>().toEqualTypeOf<Note>();
  expectTypeOf<inferRouterInputs<AppRouter>['auth']['login']>().toEqualTypeOf<{ username: string; password: string }>();
});

test('a protected resolver has a user that is not null, and a public one has none', () => {
  protectedProcedure.query(({ ctx }) => expectTypeOf(ctx.user).toEqualTypeOf<Principal>());
  roleProcedure('admin').query(({ ctx }) => expectTypeOf(ctx.user).toEqualTypeOf<Principal>());
  publicProcedure.query(({ ctx }) => expectTypeOf(ctx).not.toHaveProperty('user'));
});

test('a role that does not exist, and a caller whose context lacks a port, do not compile', () => {
  // @ts-expect-error -- there is no such role
  roleProcedure('root');
  const incomplete: Omit<AppContext, 'cookies'> = context;
  // @ts-expect-error -- a login could set no cookie
  createCallerFactory(appRouter)(incomplete);
});
