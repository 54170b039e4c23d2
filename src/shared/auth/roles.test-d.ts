import { expectTypeOf, test } from 'vitest';
import type { Register, Role, RoleOf } from './roles.ts';

test('the roles of an app that registers none are user and admin', () => {
  expectTypeOf<Role>().toEqualTypeOf<'user' | 'admin'>();
  expectTypeOf<RoleOf<Register>>().toEqualTypeOf<Role>();
});

test('the roles are those that an app registers', () => {
  expectTypeOf<RoleOf<{ role: 'member' | 'editor' }>>().toEqualTypeOf<'member' | 'editor'>();
});
