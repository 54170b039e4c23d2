import { initTRPC, tracked } from '@trpc/server';
import * as latchkey from 'latchkey/server';
import { audit } from 'latchkey/server/audit';
import { mail } from 'latchkey/server/mail';
import { passwords } from 'latchkey/server/passwords';
import { recovery } from 'latchkey/server/recovery';
import { sqlite } from 'latchkey/sqlite';
import { z } from 'zod';

/** What the code of the guides takes for granted on a server: that of "Get started", and a bit of somebody's app. */
export const options = {
  ...latchkey.fromEnv(),
  database: sqlite('app.sqlite'),
  features: [passwords(), mail(), recovery(), audit()],
} as const;
export const auth = latchkey.createAuth(options);

export const t = initTRPC
  .context<latchkey.AuthContext>()
  .meta<latchkey.ProcedureMeta>()
  .create(latchkey.trpcOptions({ auth }));
export const publicProcedure = t.procedure.concat(latchkey.publicProcedure);
export const protectedProcedure = t.procedure.concat(latchkey.protectedProcedure);

interface Note {
  id: string;
  text: string;
}

const notes = t.router({
  list: protectedProcedure.query(() => ({ notes: [] as Note[], nextCursor: null as string | null })),
  create: protectedProcedure.input(z.object({ text: z.string() })).mutation(({ input }) => input.text),
  onChange: protectedProcedure.subscription(async function* () {
    yield tracked('1', { type: 'deleted' as const, id: 'first' });
  }),
});

export const appRouter = t.router({
  ...auth.routers,
  hello: publicProcedure.query(() => 'Hello'),
  secret: protectedProcedure.query(({ ctx }) => `Only for ${ctx.user.id}`),
  ticks: protectedProcedure.subscription(async function* () {
    yield tracked('1', 1);
  }),
  notes,
});
export type AppRouter = typeof appRouter;

/** What the app has of its own. */
export interface Database {
  users: object;
}
export declare const db: Database;
export declare const log: { info(event: object): void };
export declare const profiles: { of(userId: string): Promise<object> };
export declare const notesOf: (userId: string) => Promise<Note[]>;
export declare const ownerOf: (badge: string) => Promise<string>;
export declare const planOf: (userId: string) => Promise<string>;
export declare const remove: (userId: string, id: string) => Promise<void>;
export declare const verifyScrypt: (password: string, hash: string) => Promise<boolean>;

export type AppTables = {
  profiles: { member_id: string };
};
