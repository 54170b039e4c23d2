import type { inferProcedureInput } from '@trpc/server';
import { expectTypeOf, test } from 'vitest';
import type { AuthOptions } from './auth-options.ts';
import { createAuth } from './create-auth.ts';
import { passwords } from './features/passwords/index.ts';

declare const options: AuthOptions;

test('what registration asks for follows the identifiers', () => {
  const withNames = createAuth({ ...options, features: [passwords()] });
  const byEmail = createAuth({ ...options, identifiers: ['email'], features: [passwords()] });
  const passwordsByEmail = createAuth({ ...options, features: [passwords({ identifiers: ['email'] })] });
  type Input = { username: string; email: string; password: string };
  expectTypeOf<inferProcedureInput<typeof withNames.routers.auth.register>>().toEqualTypeOf<Input>();
  expectTypeOf<inferProcedureInput<typeof byEmail.routers.auth.register>>().toEqualTypeOf<Omit<Input, 'username'>>();
  type ByEmail = inferProcedureInput<typeof passwordsByEmail.routers.auth.register>;
  expectTypeOf<ByEmail>().toEqualTypeOf<Omit<Input, 'username'>>();
});
