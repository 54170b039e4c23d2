import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Writable } from 'node:stream';
import { TRPCError } from '@trpc/server';
import {
  type AuthTables,
  authMigrationSets,
  createReport,
  DatabaseUnavailableError,
  systemClock,
  type TablesOf,
} from 'latchkey/server';
import { createArgon2Pool, createPasswordAdministration, passwords } from 'latchkey/server/passwords';
import { createStore, isMemoryDataDir } from '#server/database/index.ts';
import { ROLES } from '#shared/roles.ts';
import { readStoreConfig, type StoreConfig } from '../config/config.ts';
import { createLog } from '../log/log.ts';
import { COMMANDS, type CommandContext, FORCE } from './commands.ts';
import { readPassword, type Terminal } from './read-password.ts';
import { RefusedError, USAGE, UsageError } from './usage.ts';

const DONE = 0;
const REFUSED = 1;
const MISUSED = 2;

/** A command has time: it waits for its turn while a server writes. */
const BUSY_TIMEOUT_MS = 30_000;

interface Streams extends Terminal {
  stdout: Writable;
}

const findCommand = ([name, ...given]: readonly string[]) => {
  if (name === undefined) throw new UsageError('A command is missing.');
  const command = COMMANDS.get(name);
  if (command === undefined) throw new UsageError(`There is no command ${JSON.stringify(name)}.`);
  const isForced = command.canForce === true && given.at(-1) === FORCE;
  const args = isForced ? given.slice(0, -1) : given;
  const [least, most] = command.args;
  if (args.length < least) throw new UsageError(`${name} needs more than that.`);
  // Of a password among them, above all.
  if (args.length > most) throw new UsageError(`${name} takes no more than that. A password is never an argument.`);
  return (context: Omit<CommandContext, 'isForced'>) => command.run({ ...context, isForced }, ...args);
};

const readStore = (env: NodeJS.ProcessEnv): StoreConfig => {
  const store = readStoreConfig(env);
  if (!store.ok) throw new RefusedError(store.problems.join('\n'));
  if (store.config.databaseUrl === undefined && isMemoryDataDir(store.config.dataDir)) {
    throw new RefusedError('DATA_DIR is memory: its accounts are within the server, out of reach of any command.');
  }
  return store.config;
};

/** In a container the user may have a number and no name. */
const systemUser = (): string => {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
};

const withStore = async (
  config: StoreConfig,
  terminal: Terminal,
  work: (context: Omit<CommandContext, 'isForced'>) => Promise<string>,
): Promise<string> => {
  // As the server writes it, on the stream that does not go into a file or a pipe together with the answer (ASVS
  // 16.3.1).
  const log = createLog({ level: 'info', destination: terminal.stderr });
  const store = createStore({ ...config, poolSize: 1, busyTimeoutMs: BUSY_TIMEOUT_MS });
  try {
    await store.open();
    // An administrator may be made before the first server starts.
    await store.migrate(authMigrationSets(store.dialect, [passwords()]));
    const administration = createPasswordAdministration({
      database: store.db.withTables<TablesOf<AuthTables>>(),
      clock: systemClock,
      roles: ROLES,
      report: createReport((event) => log.info(event, 'auth')),
      notice: () => {},
      hasher: createArgon2Pool(),
    });
    const operator = { actor: 'shell', systemUser: systemUser() } as const;
    const initiator = { id: randomUUID(), address: null, userAgent: null, operator };
    return await work({ ...administration, initiator, readPassword: () => readPassword(terminal) });
  } finally {
    await store.close();
  }
};

/** What the person who typed the command can mend, in a line. Anything else is a defect, and keeps its stack. */
const explain = (error: unknown): string => {
  if (error instanceof RefusedError || error instanceof DatabaseUnavailableError || error instanceof TRPCError) {
    return error.message;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
};

/**
 * Runs one command on the store that the variables name.
 * @returns the exit code: 0 done, 1 refused, 2 misused.
 */
export const runUserCommand = async (
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { stdin, stdout, stderr }: Streams,
): Promise<number> => {
  if (args.some((arg) => arg === '--help' || arg === '-h') || args[0] === 'help') {
    stdout.write(USAGE);
    return DONE;
  }
  try {
    const command = findCommand(args);
    const told = await withStore(readStore(env), { stdin, stderr }, command);
    stdout.write(`${told}\n`);
    return DONE;
  } catch (error) {
    if (error instanceof UsageError) {
      stderr.write(`${error.message}\n\n${USAGE}`);
      return MISUSED;
    }
    stderr.write(`${explain(error)}\n`);
    return REFUSED;
  }
};
