import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../src/testing/postgres.ts';
import { runOnPostgres } from '../src/testing/run-on-postgres.ts';
import { BUILT } from './build.ts';
import { type Crowd, startCrowd } from './load/crowd.ts';
import type { PlanInput } from './load/plan.ts';
import type { Pace } from './measure.ts';
import { type ServerProcess, type ServerProcessOptions, startServerProcess } from './server-process.ts';

const FULL: Pace = { connections: 10, rounds: 11, roundMs: 2000, warmUpMs: 4000 };
const QUICK: Pace = { connections: 2, rounds: 1, roundMs: 100, warmUpMs: 20 };

export interface ServerOptions extends Omit<ServerProcessOptions, 'probe' | 'folder' | 'entry'> {
  /** Which of the built files. */
  program: keyof typeof BUILT;
}

/** What a scenario works with. All that it opens here is closed when it is over, however it ends. */
export interface BenchContext extends Pace {
  /** Whether everything is done once, to see that it works: the figures mean nothing then. */
  quick: boolean;
  /** Tells the person who waits what is being done. */
  say(text: string): void;
  /** An empty folder. */
  createFolder(): Promise<string>;
  /** The URL of an empty database on the Postgres of this run. */
  createDatabase(): Promise<string>;
  startServer(options: ServerOptions): Promise<ServerProcess>;
  startCrowd(plan: PlanInput): Promise<Crowd>;
  /** Has something done at the end, before what was opened earlier is closed. */
  onEnd(close: () => Promise<unknown>): void;
}

export interface BenchOptions {
  quick: boolean;
  say: (text: string) => void;
  /** Where CPU profiles of the servers are written, if they are wanted. */
  profileDir?: string | undefined;
}

export interface Bench {
  /** Runs something with a context of its own. */
  scope<TResult>(run: (context: BenchContext) => Promise<TResult>): Promise<TResult>;
  stop(): Promise<void>;
}

const createClosers = () => {
  const closers: (() => Promise<unknown>)[] = [];
  return {
    add: (close: () => Promise<unknown>): void => void closers.push(close),
    closeAll: async (): Promise<void> => {
      for (const close of closers.splice(0).toReversed()) await close();
    },
  };
};

/** What the scenarios of a run share: its Postgres, which starts when the first one asks for it. */
export const createBench = ({ quick, say, profileDir }: BenchOptions): Bench => {
  const shared = createClosers();
  let postgres: Promise<string> | undefined;

  /** Without fsync: a disk makes both sides wait alike, and would hide what they differ in. */
  const openPostgres = async (): Promise<string> => {
    const server = await startPostgres();
    shared.add(server.stop);
    return server.url;
  };

  const profiling = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];

  return {
    scope: async (run) => {
      const { add, closeAll } = createClosers();
      const createFolder = async (): Promise<string> => {
        const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
        add(() => rm(folder, { recursive: true, force: true }));
        return folder;
      };
      try {
        return await run({
          ...(quick ? QUICK : FULL),
          quick,
          say,
          createFolder,
          createDatabase: async () => {
            postgres ??= openPostgres();
            const url = new URL(await postgres);
            const name = `bench_${randomBytes(8).toString('hex')}`;
            await runOnPostgres(url.href, `create database ${name} template template0`);
            url.pathname = `/${name}`;
            return url.href;
          },
          startServer: async ({ program, nodeArguments = [], ...options }) => {
            const server = await startServerProcess({
              ...options,
              entry: BUILT[program],
              probe: BUILT.probe,
              folder: await createFolder(),
              nodeArguments: [...profiling, ...nodeArguments],
            });
            add(server.stop);
            return server;
          },
          startCrowd: async (plan) => {
            const crowd = await startCrowd(plan);
            add(crowd.stop);
            return crowd;
          },
          onEnd: add,
        });
      } finally {
        await closeAll();
      }
    },
    stop: shared.closeAll,
  };
};
