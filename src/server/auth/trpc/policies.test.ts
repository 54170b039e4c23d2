import { initTRPC, lazy } from '@trpc/server';
import { expect, test } from 'vitest';
import { testRouter } from '#testing/auth.ts';
import { cookieProceduresOf, policiesOf } from './policies.ts';
import { publicProcedure, roleProcedure, router } from './procedures.ts';

test('every procedure of the stack declares its policy', () => {
  expect(Object.fromEntries([...policiesOf(testRouter)].map(([path, { policy }]) => [path, policy]))).toEqual({
    'auth.register': 'public',
    'auth.login': 'public',
    'auth.refresh': 'public',
    'auth.logout': 'public',
    'auth.claims': 'protected',
    'user.me': 'protected',
    'sessions.list': 'protected',
    'sessions.revoke': 'protected',
    'sessions.revokeOthers': 'protected',
  });
});

test('the procedures that write cookies are the mutations of the router auth, which the client sends by themselves', () => {
  expect(cookieProceduresOf(testRouter)).toEqual(
    new Set(['auth.register', 'auth.login', 'auth.refresh', 'auth.logout']),
  );
});

test('a router that is loaded later is refused: nobody could look through it', () => {
  const later = router({ fine: publicProcedure.query(() => 1), reports: lazy(async () => ({ reports: router({}) })) });
  expect(() => policiesOf(later)).toThrow('reports');
});

test('a procedure without a policy is found, however deep', () => {
  const bare = initTRPC.create();
  const broken = router({
    fine: publicProcedure.query(() => 1),
    admin: roleProcedure('admin').query(() => 1),
    deep: bare.router({ forgotten: bare.procedure.query(() => 1) }),
  });
  expect(() => policiesOf(broken)).toThrow('deep.forgotten');
});
