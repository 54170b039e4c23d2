import type { Writable } from 'node:stream';
import type { Role } from '../../../shared/auth/index.ts';
import type { OnSignUp } from '../accounts/sign-up.ts';
import { describeProblems, type Env, readVariables } from '../env/read-variables.ts';
import { variableSchemas } from '../env/variables.ts';
import { auditMigrations } from '../features/audit/audit-migrations.ts';
import { mailMigrations } from '../features/mail/mail-migrations.ts';
import { passwordMigrations } from '../features/passwords/password-migrations.ts';
import { DEFAULT_ROLES } from '../roles.ts';
import { codeOf } from '../store/error-code.ts';
import { authMigrations } from '../store/migrations.ts';
import { DatabaseUnavailableError, type MigrationSet, type Store } from '../store/store.ts';
import type { Dialect } from '../store/tables.ts';
import { isTRPCError } from '../trpc-error.ts';
import { openStore } from './open-store.ts';
import type { Terminal } from './read-password.ts';
import { runUserCommand } from './run-user-command.ts';
import { addSecrets, printSecrets } from './secrets.ts';
import { RefusedError, UsageError, usage } from './usage.ts';
import { findUserCommand } from './user-commands.ts';

const DONE = 0;
const REFUSED = 1;
const MISUSED = 2;

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
  /** The app's own tables, made after the stack's. */
  migrations?: (dialect: Dialect) => readonly MigrationSet[];
  /** As `createAuth` takes it: called, and awaited, in the transaction of `user create`. */
  onSignUp?: OnSignUp;
  /** As `passwords()` takes them: words of which no password may be made, beside APP_NAME. @default [] */
  refusedWords?: readonly string[];
}

/** Of all features that have tables. Those that an app does not take stay empty. */
const migrationSets = (dialect: Dialect): MigrationSet[] => [
  { name: 'auth', migrations: authMigrations(dialect) },
  { name: 'auth_passwords', migrations: passwordMigrations(dialect) },
  { name: 'auth_mail', migrations: mailMigrations() },
  { name: 'auth_audit', migrations: auditMigrations(dialect) },
];

/** The words of which no password may be made: what the server calls the app, and the app's own. */
const readWords = (env: Env, refusedWords: readonly string[] = []): string[] => {
  const { APP_NAME } = variableSchemas('production');
  const { values, problems } = readVariables({ APP_NAME }, env);
  if (values.APP_NAME === undefined) throw new RefusedError(describeProblems(problems).join('\n'));
  return [values.APP_NAME, ...refusedWords];
};

interface Given extends Required<Pick<CommandOptions, 'roles'>> {
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

const withTables = async (
  store: Store,
  { migrations = () => [] }: CommandOptions,
  work: () => Promise<string>,
): Promise<string> => {
  try {
    await store.open();
    // For accounts too: an administrator may be made before the first server starts.
    await store.migrate([...migrationSets(store.dialect), ...migrations(store.dialect)]);
    return await work();
  } finally {
    await store.close();
  }
};

const perform = async (given: Given, env: Env, terminal: Terminal, options: CommandOptions): Promise<string> => {
  const { roles, database } = given;
  const [name, ...args] = given.command;
  const { defaultSchema, defaultDataDir, onSignUp } = options;
  const open = () => openStore(env, { database, defaultSchema, defaultDataDir });
  if (name === 'user') {
    const work = findUserCommand(args);
    const refusedWords = readWords(env, options.refusedWords);
    const store = await open();
    return await withTables(store, options, () => runUserCommand({ store, roles, onSignUp, refusedWords, terminal }, work));
  }
  if (name === undefined) throw new UsageError('A command is missing.');
  if (name !== 'secrets' && name !== 'migrate') throw new UsageError(`There is no command ${JSON.stringify(name)}.`);
  const [option, file, ...others] = args;
  if (name === 'secrets' && option === '--into' && others.length === 0) {
    if (file === undefined || file === '') throw new UsageError('--into needs a file.');
    return await addSecrets(file);
  }
  if (args.length > 0) throw new UsageError(`${name} takes no more than that.`);
  if (name === 'secrets') return printSecrets();
  return await withTables(await open(), options, () => Promise.resolve('The tables are up to date.'));
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
  const given: Given = { command: args, roles: options.roles ?? DEFAULT_ROLES };
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
