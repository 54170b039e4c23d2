import { type AuthOptions, roleProcedure } from 'latchkey/server';

declare module 'latchkey/shared' {
  interface Register {
    role: 'member' | 'editor';
  }
}

export const editorProcedure = roleProcedure('editor');
// @ts-expect-error -- nobody registered it
export const adminProcedure = roleProcedure('admin');
export const roles: AuthOptions['roles'] = ['member', 'editor'];
