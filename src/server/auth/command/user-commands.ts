import type { z } from 'zod/v4';
import type { Role } from '../../../shared/auth/roles.ts';
import { emailSchema, passwordSchema, usernameSchema } from '../../../shared/auth/schemas.ts';
import type { AccountChange, AccountChanges, ManagedAccount } from '../accounts/account-changes.ts';
import type { Initiator } from '../events.ts';
import type { PasswordChanges } from '../features/passwords/index.ts';
import { formatAccounts } from './format-accounts.ts';
import { RefusedError, UsageError } from './usage.ts';

/** What a command works with. */
export interface CommandContext {
  /** The app's. */
  roles: readonly Role[];
  accountChanges: AccountChanges;
  /** Loads what hashes passwords. */
  passwordChanges: () => Promise<PasswordChanges>;
  initiator: Initiator;
  /** Asks for a password that is to be chosen. */
  readPassword: () => Promise<string>;
  /** What would lock all administrators out is to be done all the same. */
  isForced: boolean;
}

/** An option of every command that asks whether it may: it comes last. */
const FORCE = '--force';

/** Does what its arguments say, and returns what there is to tell. */
type Command = (context: CommandContext, ...args: string[]) => Promise<string>;

interface CommandSpec {
  /** How many arguments it takes: at least, at most. */
  args: readonly [number, number];
  /** It takes `--force` as well. */
  canForce?: true;
  /** It sets a password, for which there have to be tables. */
  setsPassword?: true;
  run: Command;
}

const readRole = (roles: readonly Role[], text: string): Role => {
  const role = roles.find((known) => known === text);
  if (role === undefined) throw new UsageError(`There is no role ${JSON.stringify(text)}.`);
  return role;
};

const check = (what: string, schema: z.ZodType<string>, text: string): string => {
  const { success, data, error } = schema.safeParse(text);
  if (success) return data;
  throw new RefusedError(`The ${what} cannot be used: ${error.issues.map(({ message }) => message).join(' ')}`);
};

const findAccount = async (accountChanges: AccountChanges, name: string): Promise<ManagedAccount> => {
  // Postgres cannot be asked for the character U+0000, and no name holds it.
  const account = name.includes('\0') ? undefined : await accountChanges.find(name);
  if (account === undefined) throw new RefusedError(`There is no account ${JSON.stringify(name)}.`);
  return account;
};

const tell = (change: AccountChange, { done, unchanged }: { done: string; unchanged: string }): string => {
  if (change === 'unknown_account') throw new RefusedError('The account has just been deleted.');
  if (change === 'last_admin') {
    throw new RefusedError(`This is the last account that can administer. Make another one first, or add ${FORCE}.`);
  }
  return change === 'done' ? done : unchanged;
};

const count = (sessions: number): string => `${sessions} ${sessions === 1 ? 'session' : 'sessions'}`;

/** What an account is called: its username, or its address where it has none. */
const nameOf = ({ username, email, id }: ManagedAccount): string => username ?? email ?? id;

const create: Command = async ({ roles, passwordChanges, initiator, readPassword }, ...args) => {
  // No username holds an @: an address in its place is that of an account without one.
  const byEmail = args[0]?.includes('@') === true;
  if (!byEmail && args.length < 2) throw new UsageError('create needs more than that.');
  const [username = '', email = '', ...names] = byEmail ? ['', ...args] : args;
  const input = {
    ...(!byEmail && { username: check('username', usernameSchema, username) }),
    email: check('e-mail', emailSchema, email),
  };
  const named = names.map((name) => readRole(roles, name));
  const held = named.length === 0 ? undefined : roles.filter((role) => named.includes(role));
  const { createAccount } = await passwordChanges();
  const password = check('password', passwordSchema, await readPassword());
  const account = await createAccount(initiator, { ...input, password }, held);
  return `${nameOf(account)} has an account now, with ${account.roles.join(' and ')} for a role.`;
};

const list: Command = async ({ accountChanges }) => {
  const accounts: ManagedAccount[] = [];
  for await (const account of accountChanges.list()) accounts.push(account);
  return formatAccounts(accounts);
};

const grant: Command = async ({ roles, accountChanges, initiator }, name = '', role = '') => {
  const granted = readRole(roles, role);
  const account = await findAccount(accountChanges, name);
  return tell(await accountChanges.grantRole(initiator, account.id, granted), {
    done: `${nameOf(account)} has the role ${granted} now.`,
    unchanged: `${nameOf(account)} has the role ${granted} already.`,
  });
};

const revoke: Command = async (context, name = '', role = '') => {
  const { roles, accountChanges, initiator, isForced } = context;
  const revoked = readRole(roles, role);
  const account = await findAccount(accountChanges, name);
  return tell(await accountChanges.revokeRole(initiator, account.id, revoked, { isForced }), {
    done: `${nameOf(account)} no longer has the role ${revoked}.`,
    unchanged: `${nameOf(account)} does not have the role ${revoked}.`,
  });
};

const disable: Command = async ({ accountChanges, initiator, isForced }, name = '') => {
  const account = await findAccount(accountChanges, name);
  return tell(await accountChanges.disable(initiator, account.id, { isForced }), {
    done: `${nameOf(account)} is disabled: all sessions have ended, and no new one can start.`,
    unchanged: `${nameOf(account)} is disabled already.`,
  });
};

const enable: Command = async ({ accountChanges, initiator }, name = '') => {
  const account = await findAccount(accountChanges, name);
  return tell(await accountChanges.enable(initiator, account.id), {
    done: `${nameOf(account)} can sign in again.`,
    unchanged: `${nameOf(account)} is not disabled.`,
  });
};

const endSessions: Command = async ({ accountChanges, initiator }, name = '') => {
  const account = await findAccount(accountChanges, name);
  return `${count(await accountChanges.endSessions(initiator, account.id))} of ${nameOf(account)} ended.`;
};

const setPassword: Command = async ({ accountChanges, passwordChanges, initiator, readPassword }, name = '') => {
  const account = await findAccount(accountChanges, name);
  const { setPassword: replace } = await passwordChanges();
  const password = check('password', passwordSchema, await readPassword());
  const done = `${nameOf(account)} has a new password, and all sessions have ended.`;
  return tell(await replace(initiator, account.id, password), { done, unchanged: done });
};

const COMMANDS: ReadonlyMap<string, CommandSpec> = new Map<string, CommandSpec>([
  ['create', { args: [1, Number.POSITIVE_INFINITY], setsPassword: true, run: create }],
  ['list', { args: [0, 0], run: list }],
  ['grant', { args: [2, 2], run: grant }],
  ['revoke', { args: [2, 2], canForce: true, run: revoke }],
  ['disable', { args: [1, 1], canForce: true, run: disable }],
  ['enable', { args: [1, 1], run: enable }],
  ['end-sessions', { args: [1, 1], run: endSessions }],
  ['set-password', { args: [1, 1], setsPassword: true, run: setPassword }],
]);

/** @throws UsageError when it is none. */
export const findUserCommand = ([name, ...given]: readonly string[]) => {
  if (name === undefined) throw new UsageError('A command is missing.');
  const command = COMMANDS.get(name);
  if (command === undefined) throw new UsageError(`There is no command ${JSON.stringify(name)}.`);
  const isForced = command.canForce === true && given.at(-1) === FORCE;
  const args = isForced ? given.slice(0, -1) : given;
  const [least, most] = command.args;
  if (args.length < least) throw new UsageError(`${name} needs more than that.`);
  // Of a password among them, above all.
  if (args.length > most) throw new UsageError(`${name} takes no more than that. A password is never an argument.`);
  return {
    setsPassword: command.setsPassword === true,
    run: (context: Omit<CommandContext, 'isForced'>) => command.run({ ...context, isForced }, ...args),
  };
};
