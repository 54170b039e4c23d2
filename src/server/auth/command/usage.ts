/** What was typed is no command. The message says what is wrong with it, in a line. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** The command cannot be carried out. The message says why, in a line. */
export class RefusedError extends Error {
  override name = 'RefusedError';
}

export const usage = ({
  roles,
  features,
}: {
  roles: readonly string[];
  features: readonly string[];
}): string => `Usage: latchkey <command>

  secrets                                    Print new secrets, to be kept where the server's variables are.
  secrets --into <file>                      Add those that a file of variables lacks, such as .env, and make the file.
  migrate                                    Bring the tables up to date: the core's, and those of ${features.join(', ')}.
  migrate --features <name,name>             The core's and those of these features, or of none.
  user create [username] <email> [role ...]  Make an account. Without roles it has the role ${roles[0] ?? ''}.
  user list                                  Show all accounts.
  user grant <name> <role>                   Give an account a role.
  user revoke <name> <role>                  Take a role away.
  user disable <name>                        End all sessions of an account and let it sign in no more.
  user enable <name>                         Let it sign in again.
  user end-sessions <name>                   End all sessions of an account.
  user set-password <name>                   Replace the password and end all sessions.

  --database <file or url>  First. The SQLite file, or the postgres:// address. Without it DATABASE_URL says where the
                            store is, or latchkey.sqlite in DATA_DIR. On Postgres it is in the schema DATABASE_SCHEMA.
  --roles <role,role>       First. The app's roles, where they are others than these.
  --force                   Last. Without it revoke and disable leave the last admin who can sign in as it is.

<name> is a username or an e-mail address. Roles: ${roles.join(', ')}.
create and set-password read the password from standard input: they ask for it on a terminal, and else take the first line.
Servers may run, and take notice at once. Variables may stand in a file .env; those of the environment win.
Each change is told on standard error as one line of JSON, for the audit trail: what was done to whom, when, and by whom.
`;
