import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createExpressHandler } from 'latchkey/express';
import type { AuthTables, TablesOf } from 'latchkey/server';
import { createStore } from '#server/database/index.ts';
import { createApp } from '#server/http/http-app.ts';
import { createLog } from '#server/log/log.ts';
import {
  createNoteChanges,
  createNoteSignals,
  createNotes,
  type NoteTables,
  noteMigrations,
} from '#server/notes/index.ts';
import { appRouter } from '#server/routers/index.ts';
import { createTestAuth, type TestAuth } from '#testing/auth.ts';
import { LISTED_ORIGIN, OWN_ORIGIN } from './target.ts';

export interface FuzzApp {
  app: RequestListener;
  kit: TestAuth;
  /** The lines of the log that tell of a defect, since it was asked last. */
  takeDefects(): string[];
  close(): Promise<void>;
}

/** The whole app in production over a store in memory, with a clock that stands and passwords that cost nothing. */
export const openFuzzApp = async (): Promise<FuzzApp> => {
  const location = { dataDir: 'memory:', poolSize: 1 };
  const database = createStore(location);
  const kit = await createTestAuth({ database }, { publicUrl: OWN_ORIGIN, allowedOrigins: [LISTED_ORIGIN] });
  await database.migrate([{ name: 'app', migrations: noteMigrations(database.dialect) }]);

  const noteDatabase = database.db.withTables<TablesOf<AuthTables> & TablesOf<NoteTables>>();
  const signals = createNoteSignals();
  const notes = createNotes({ database: noteDatabase, clock: kit.clock, randomId: randomUUID, signals });
  const noteChanges = createNoteChanges({ database: noteDatabase, signals });
  const defects: string[] = [];
  const write = (line: string): void => {
    if (/"level":"(?:error|fatal)"|eyJ[\w-]{8}/.test(line)) defects.push(line);
  };
  const log = createLog({ level: 'info', destination: { write } });
  const app = createApp({
    config: { mode: 'production', publicUrl: OWN_ORIGIN, trustProxy: false },
    log,
    isReady: async () => kit.auth.isReady(),
    jwks: { keys: [] },
    api: createExpressHandler({
      auth: kit.auth,
      router: appRouter,
      createContext: (context) => ({ ...context, notes, noteChanges }),
      onUnexpectedError: (error, requestId) => log.error({ requestId, err: error }, 'Unexpected error in a call'),
    }),
    web: (_req, _res, next) => next(),
  });
  return {
    app,
    kit,
    takeDefects: () => defects.splice(0),
    close: async () => {
      await kit.stop();
      await database.close();
    },
  };
};
