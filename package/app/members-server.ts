import { randomBytes } from 'node:crypto';
import { initTRPC } from '@trpc/server';
import express, { type Express } from 'express';
import type { Kysely, Migration } from 'kysely';
import { createExpressHandler } from 'latchkey/express';
import {
  type AuthContext,
  coreRouters,
  createAuth,
  createSecretKeySet,
  type ProcedureMeta,
  protectedProcedure as stackProtected,
  trpcOptions,
} from 'latchkey/server';
import { createArgon2Pool, importMembers, passwordRouters, passwords } from 'latchkey/server/passwords';
import type { Reason } from 'latchkey/shared';
import { sqlite } from 'latchkey/sqlite';

/** Somebody's app: it had members before it took the stack, and keeps what it knows of them in a table of its own. */
export type AppTables = {
  members: { id: string; name: string; plan: string };
};

const createMembers: Migration = {
  up: async (db: Kysely<unknown>) => {
    await db.schema
      .createTable('members')
      .addColumn('id', 'text', (column) => column.primaryKey().references('auth_users.id'))
      .addColumn('name', 'text')
      .addColumn('plan', 'text')
      .execute();
  },
};

export interface AppContext extends AuthContext {
  planOf(id: string): Promise<string | undefined>;
}

const t = initTRPC.context<AppContext>().meta<ProcedureMeta>().create(trpcOptions<Reason>());
const protectedProcedure = t.procedure.concat(stackProtected);

const appRouter = t.router({
  auth: { ...coreRouters.auth, ...passwordRouters.auth },
  sessions: coreRouters.sessions,
  members: t.router({
    plan: protectedProcedure.query(({ ctx }) => ctx.planOf(ctx.user.id)),
  }),
});

export type AppRouter = typeof appRouter;

/** The one member that there is, as the app's old sign-in left her. */
export const member = { id: 'member-1', name: 'grace', email: 'grace@mail.example', password: 'compilers are fun' };

export const createApp = async (publicUrl: string): Promise<{ app: Express; stop: () => Promise<void> }> => {
  const database = sqlite(':memory:');
  const hasher = createArgon2Pool();
  const auth = createAuth({
    database,
    migrations: [{ name: 'app', migrations: { '001_members': createMembers } }],
    publicUrl,
    accessTokenKeys: createSecretKeySet([randomBytes(32).toString('base64url')]),
    refreshTokenKeys: createSecretKeySet([randomBytes(32).toString('base64url')]),
    features: [passwords({ hasher })],
  });
  await auth.start();
  const { id, name: username, email } = member;
  await importMembers(auth, [{ id, username, email, passwordHash: await hasher.hash(member.password) }]);
  const db = database.db.withTables<AppTables>();
  await db.insertInto('members').values({ id: member.id, name: member.name, plan: 'gold' }).execute();

  const planOf = async (id: string): Promise<string | undefined> => {
    const row = await db.selectFrom('members').select('plan').where('id', '=', id).executeTakeFirst();
    return row?.plan;
  };
  const app = express();
  app.use(
    '/api/trpc',
    createExpressHandler({ auth, router: appRouter, createContext: (context) => ({ ...context, planOf }) }),
  );
  return { app, stop: () => auth.stop() };
};
