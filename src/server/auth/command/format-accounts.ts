import type { ManagedAccount } from '../accounts/account-changes.ts';

const HEAD = ['USERNAME', 'E-MAIL', 'ROLES', 'CREATED', 'DISABLED'];

const dateOf = (iso: string): string => iso.slice(0, 10);

/** A table for a terminal, a line for each account. */
export const formatAccounts = (accounts: readonly ManagedAccount[]): string => {
  if (accounts.length === 0) return 'There are no accounts yet.';
  const rows = accounts.map(({ username, email, roles, createdAt, disabledAt }) => [
    username ?? '-',
    email ?? '-',
    roles.join(',') || '-',
    dateOf(createdAt),
    disabledAt === null ? '' : dateOf(disabledAt),
  ]);
  const table = [HEAD, ...rows];
  const widths = HEAD.map((_, column) => table.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
