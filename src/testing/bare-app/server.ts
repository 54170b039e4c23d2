import { randomBytes } from 'node:crypto';
import { initTRPC } from '@trpc/server';
import Sqlite from 'better-sqlite3';
import express, { type Express } from 'express';
import { Kysely, Migrator, SqliteDialect } from 'kysely';
import {
  createArgon2Pool,
  passwordRouters,
  passwords,
  passwordsOf,
} from '../../server/auth/features/passwords/index.ts';
import {
  type AuthContext,
  type AuthTables,
  authMigrationSets,
  coreRouters,
  createAuth,
  createAuthHandler,
  createSecretKeySet,
  type ProcedureMeta,
  protectedProcedure as stackProtected,
  trpcOptions,
} from '../../server/auth/index.ts';
import { createSqliteFeed } from '../../server/auth/sqlite.ts';
import type { Reason } from '../../shared/auth/index.ts';

/** Somebody's app: it had members before it took the stack, and keeps what it knows of them in a table of its own. */
interface AppTables {
  members: { id: string; name: string; plan: string };
}

interface AppContext extends AuthContext {
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
  const db = new Kysely<AuthTables & AppTables>({ dialect: new SqliteDialect({ database: new Sqlite(':memory:') }) });
  const hasher = createArgon2Pool();
  const features = [passwords({ hasher })] as const;
  for (const { name, migrations } of authMigrationSets('sqlite', features)) {
    const provider = { getMigrations: async () => migrations };
    const migrator = new Migrator({ db, provider, migrationTableName: `${name}_migration` });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw new Error('The tables could not be made.', { cause: error });
  }
  await db.schema
    .createTable('members')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text')
    .addColumn('plan', 'text')
    .execute();
  await db.insertInto('members').values({ id: member.id, name: member.name, plan: 'gold' }).execute();

  const database = db.withTables<{ [Name in keyof AuthTables]: AuthTables[Name] }>();
  const auth = createAuth({
    database,
    feed: createSqliteFeed({ database }),
    publicUrl,
    accessTokenKeys: createSecretKeySet([randomBytes(32).toString('base64url')]),
    refreshTokenKeys: createSecretKeySet([randomBytes(32).toString('base64url')]),
    features,
  });
  await auth.start();
  await passwordsOf(auth).changes.bring({
    id: member.id,
    username: member.name,
    email: member.email,
    passwordHash: await hasher.hash(member.password),
  });

  const planOf = async (id: string): Promise<string | undefined> => {
    const row = await db.selectFrom('members').select('plan').where('id', '=', id).executeTakeFirst();
    return row?.plan;
  };
  const app = express();
  app.use(
    '/api/trpc',
    createAuthHandler({ auth, router: appRouter, createContext: (context) => ({ ...context, planOf }) }),
  );
  return {
    app,
    stop: async () => {
      await auth.stop();
      await db.destroy();
    },
  };
};
