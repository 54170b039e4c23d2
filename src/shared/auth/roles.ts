/**
 * What an app says of itself to the types. Its roles, where they are not `user` and `admin`:
 * @example
 * declare module 'latchkey/shared' {
 *   interface Register {
 *     role: 'member' | 'editor' | 'admin';
 *   }
 * }
 */
// oxlint-disable-next-line typescript/no-empty-interface, typescript/no-empty-object-type -- for an app to fill
export interface Register {}

export type RoleOf<TRegister> = TRegister extends { role: infer TRole extends string } ? TRole : 'user' | 'admin';

/** The roles are the app's. Its list at run time is `roles` of `createAuth`. */
export type Role = RoleOf<Register>;
