import type { Writable } from 'node:stream';
import type { Role } from '../../../shared/auth/index.ts';
import type { OnSignUp } from '../accounts/sign-up.ts';
import { describeProblems, type Env, readVariables } from '../env/read-variables.ts';
import { variableSchemas } from '../env/variables.ts';
import { DEFAULT_ROLES } from '../roles.ts';
import { codeOf } from '../store/error-code.ts';
import { DatabaseUnavailableError, type MigrationSet, type Store } from '../store/store.ts';
import type { Dialect } from '../store/tables.ts';
import { isTRPCError } from '../trpc-error.ts';
import { FEATURE_NAMES, type FeatureName, featuresIn, migrationSets, readFeatures } from './feature-tables.ts';
import { openStore } from './open-store.ts';
import type { Terminal } from './read-password.ts';
import { runUserCommand } from './run-user-command.ts';
import { addSecrets, printSecrets } from './secrets.ts';
import { RefusedError, UsageError, usage } from './usage.ts';
import { findUserCommand } from './user-commands.ts';

const DONE = 0;
const REFUSED = 1;
const MISUSED = 2;

/** An option of `migrate`. */
const FEATURES = '--features';

export interface Streams extends Terminal {
  stdout: Writable;
}

/** What an app's own shell command knows, and the package's `latchkey` cannot. */
export interface CommandOptions {
  /** The app's. @default ['user', 'admin'] */
  roles?: readonly Role[];
  /** On Postgres, where DATABASE_SCHEMA does not say it. @default 'latchkey' */
  defaultSchema?: string;
  /** The folder of the SQLite file, where neither variables nor options say where the store is. @default none */
  defaultDataDir?: string;
  /**
   * The features that the app takes, by their names: those have tables, and no others.
   * @default for `migrate` all of them, unless its `--features` says which; for `user` those that have tables already,
   * and passwords as soon as one is set
   */
  features?: readonly FeatureName[];
  /** The app's own tables, made after the stack's. */
  migrations?: (dialect: Dialect) => readonly MigrationSet[];
  /** As `createAuth` takes it: called, and awaited, in the transaction of `user create`. */
  onSignUp?: OnSignUp;
  /** As `passwords()` takes them: words of which no password may be made, beside APP_NAME. @default [] */
  refusedWords?: readonly string[];
}

/** The words of which no password may be made: what the server calls the app, and the app's own. */
const readWords = (env: Env, refusedWords: readonly string[] = []): string[] => {
  const { APP_NAME } = variableSchemas('production');
  const { values, problems } = readVariables({ APP_NAME }, env);
  if (values.APP_NAME === undefined) throw new RefusedError(describeProblems(problems).join('\n'));
  return [values.APP_NAME, ...refusedWords];
};

interface Given extends Required<Pick<CommandOptions, 'roles' | 'features'>> {
  command: readonly string[];
  database?: string;
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the command line says what the app's roles are
const namesOfRoles = (text: string) => text.split(',') as readonly string[] as readonly Role[];

/** What stands before the command: behind it any word may be a name. */
const readOptions = (args: readonly string[], given: Given): Given => {
  const [option, value, ...rest] = args;
  if (option !== '--database' && option !== '--roles') return { ...given, command: args };
  if (value === undefined || value === '') throw new UsageError(`${option} needs a value.`);
  if (option === '--database') return readOptions(rest, { ...given, database: value });
  return readOptions(rest, { ...given, roles: namesOfRoles(value) });
};

const withStore = async (store: Store, work: (store: Store) => Promise<string>): Promise<string> => {
  try {
    await store.open();
    return await work(store);
  } finally {
    await store.close();
  }
};

const migrate = async (
  store: Store,
  features: readonly FeatureName[],
  { migrations = () => [] }: CommandOptions,
): Promise<void> => {
  await store.migrate([...migrationSets(store.dialect, features), ...migrations(store.dialect)]);
};

const performUser = async (
  open: () => Promise<Store>,
  { given, env, terminal }: { given: Given; env: Env; terminal: Terminal },
  options: CommandOptions,
): Promise<string> => {
  const [, ...args] = given.command;
  const { setsPassword, run } = findUserCommand(args);
  return await withStore(await open(), async (store) => {
    const taken = [...(options.features ?? []), ...(await featuresIn(store))];
    // An administrator may be made before the first server starts.
    await migrate(store, setsPassword ? [...taken, 'passwords'] : taken, options);
    const userOptions = {
      store,
      roles: given.roles,
      onSignUp: options.onSignUp,
      refusedWords: () => readWords(env, options.refusedWords),
      isRecorded: taken.includes('audit'),
      terminal,
    };
    return await runUserCommand(userOptions, run);
  });
};

const performMigrate = async (open: () => Promise<Store>, given: Given, options: CommandOptions): Promise<string> => {
  const [, option, value, ...others] = given.command;
  if (option !== undefined && (option !== FEATURES || others.length > 0)) {
    throw new UsageError('migrate takes no more than that.');
  }
  if (option === FEATURES && (value === undefined || value === '')) throw new UsageError(`${FEATURES} needs a value.`);
  const features = value === undefined ? given.features : readFeatures(value);
  return await withStore(await open(), async (store) => {
    await migrate(store, features, options);
    return 'The tables are up to date.';
  });
};

const performSecrets = async (args: readonly string[]): Promise<string> => {
  const [option, file, ...others] = args;
  if (option === undefined) return printSecrets();
  if (option !== '--into' || others.length > 0) throw new UsageError('secrets takes no more than that.');
  if (file === undefined || file === '') throw new UsageError('--into needs a file.');
  return await addSecrets(file);
};

const perform = async (given: Given, env: Env, terminal: Terminal, options: CommandOptions): Promise<string> => {
  const [name, ...args] = given.command;
  const { defaultSchema, defaultDataDir } = options;
  const open = () => openStore(env, { database: given.database, defaultSchema, defaultDataDir });
  if (name === 'user') return await performUser(open, { given, env, terminal }, options);
  if (name === 'migrate') return await performMigrate(open, given, options);
  if (name === 'secrets') return await performSecrets(args);
  throw new UsageError(name === undefined ? 'A command is missing.' : `There is no command ${JSON.stringify(name)}.`);
};

/** What the person who typed the command can mend, in a line. Anything else is a defect, and keeps its stack. */
const explain = (error: unknown): string => {
  if (error instanceof RefusedError || error instanceof DatabaseUnavailableError || isTRPCError(error)) {
    return error.message;
  }
  if (codeOf(error) === 'ERR_MODULE_NOT_FOUND' && error instanceof Error) {
    const [, missing = ''] = /package '([^']+)'/.exec(error.message) ?? [];
    return `This command needs ${missing}, which is not installed: npm install ${missing}`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
};

/**
 * Runs one command of the shell: `secrets`, `migrate`, `user ...`. An app with roles, a schema, tables or an
 * `onSignUp` of its own makes a command of its own with it: the package's `latchkey` knows none of them.
 *
 * @returns the exit code: 0 done, 1 refused, 2 misused.
 * @example
 * process.exitCode = await runCommand(process.argv.slice(2), process.env, process, { roles: ROLES, onSignUp });
 */
export const runCommand = async (
  args: readonly string[],
  env: Env,
  { stdin, stdout, stderr }: Streams,
  options: CommandOptions = {},
): Promise<number> => {
  const { roles = DEFAULT_ROLES, features = FEATURE_NAMES } = options;
  const given: Given = { command: args, roles, features };
  if (args.some((arg) => arg === '--help' || arg === '-h') || args[0] === 'help') {
    stdout.write(usage(given));
    return DONE;
  }
  try {
    stdout.write(`${await perform(readOptions(args, given), env, { stdin, stderr }, options)}\n`);
    return DONE;
  } catch (error) {
    if (error instanceof UsageError) {
      stderr.write(`${error.message}\n\n${usage(given)}`);
      return MISUSED;
    }
    stderr.write(`${explain(error)}\n`);
    return REFUSED;
  }
};
