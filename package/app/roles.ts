import { type AuthOptions, roleProcedure } from 'latchkey/server';

declare module 'latchkey/shared' {
  interface Register {
    role: 'member' | 'editor' | 'admin';
  }
}

export const editorProcedure = roleProcedure('editor');
// @ts-expect-error -- nobody registered it
export const ownerProcedure = roleProcedure('owner');
export const roles: AuthOptions['roles'] = ['member', 'editor', 'admin'];
