import { ROLES } from '#shared/roles.ts';

/** What was typed is no command. The message says what is wrong with it, in a line. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** The command cannot be carried out. The message says why, in a line. */
export class RefusedError extends Error {
  override name = 'RefusedError';
}

export const USAGE = `Usage: npm run user -- <command>

  create [username] <email> [role ...]  Make an account. Without roles it has the role user.
  list                                  Show all accounts.
  grant <name> <role>                   Give an account a role.
  revoke <name> <role>                  Take a role away.
  disable <name>                        End all sessions of an account and let it sign in no more.
  enable <name>                         Let it sign in again.
  end-sessions <name>                   End all sessions of an account.
  set-password <name>                   Replace the password and end all sessions.

revoke and disable keep the last account with the role admin as it is, unless --force comes last.

<name> is a username or an e-mail address. Roles: ${ROLES.join(', ')}.
create and set-password read the password from standard input: they ask for it on a terminal, and else take the first line.
The accounts are those of DATABASE_URL, or of the SQLite database in DATA_DIR. Servers may run, and take notice at once.
Each change is told on standard error as one line of JSON, for the audit trail: what was done to whom, when, and by whom.
`;
