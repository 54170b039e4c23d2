import type { TRPCClientErrorLike } from '@trpc/client';
import { type inferRouterError, initTRPC, type TRPCDefaultErrorShape } from '@trpc/server';
import { expectTypeOf, test } from 'vitest';
import type { AuthErrorData, Reason, RevocationCause, User } from '../../shared/auth/index.ts';
import { type AuthState, causeOf, reasonOf } from './index.ts';
import type { UseAuth } from './react/index.tsx';

declare const added: AuthErrorData<Reason>;

const t = initTRPC.create({
  errorFormatter: ({ shape }: { shape: TRPCDefaultErrorShape }) => ({
    ...shape,
    data: { ...shape.data, ...added },
  }),
});
type AppRouter = ReturnType<typeof makeRouter>;
const makeRouter = () => t.router({ me: t.procedure.query(() => 'me') });

test('the reason is inferred on the client', () => {
  type Data = NonNullable<TRPCClientErrorLike<AppRouter>['data']>;
  expectTypeOf<Data['reason']>().toEqualTypeOf<Reason | undefined>();
  expectTypeOf<Data['cause']>().toEqualTypeOf<RevocationCause | undefined>();
  expectTypeOf<inferRouterError<AppRouter>['data']['reason']>().toEqualTypeOf<Reason | undefined>();
  expectTypeOf(reasonOf).returns.toEqualTypeOf<string | undefined>();
  expectTypeOf(causeOf).returns.toEqualTypeOf<RevocationCause | undefined>();
});

test('after the status is checked, the user is there, and only then', () => {
  expectTypeOf<Extract<UseAuth, { status: 'authenticated' }>['user']>().toEqualTypeOf<User>();
  expectTypeOf<Extract<AuthState, { status: 'anonymous' }>['user']>().toEqualTypeOf<undefined>();
  expectTypeOf<Extract<AuthState, { status: 'restoring' }>['user']>().toEqualTypeOf<undefined>();
  // Read without looking at the status, it may be missing.
  expectTypeOf<UseAuth['user']>().toEqualTypeOf<User | undefined>();
});
