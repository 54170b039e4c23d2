import { type RawBuilder, sql } from 'kysely';
import { givenRows } from '../../store/given-rows.ts';
import type { AuthDatabase, Dialect } from '../../store/tables.ts';
import type { MemberRow } from './member.ts';

/** The names that the store has already, of those asked for. */
export interface TakenNames {
  id: string;
  username_key: string | null;
  email_key: string | null;
}

const COLUMNS = {
  id: 'text',
  username: 'text',
  username_key: 'text',
  email: 'text',
  email_key: 'text',
  email_verified_at: 'bigint',
  roles: 'text',
  disabled_at: 'bigint',
  fac: 'text',
  created_at: 'bigint',
  hash: 'text',
} as const satisfies Record<keyof MemberRow, string>;

const membersOf = (dialect: Dialect, members: readonly MemberRow[]): RawBuilder<unknown> =>
  givenRows(dialect, { as: 'm', columns: COLUMNS, rows: members });

/** The statements of an import, each for many members at once. */
export const createMemberStore = (dialect: Dialect) => ({
  findTaken: async (transaction: AuthDatabase, members: readonly MemberRow[]): Promise<TakenNames[]> => {
    // By the index of each name, however large Postgres takes a table to be that has just grown.
    const by = (name: keyof TakenNames) => {
      const names = sql`(select m.${sql.raw(name)} from ${membersOf(dialect, members)})`;
      const isAmong = dialect === 'postgres' ? sql`= any(array${names})` : sql`in ${names}`;
      return sql`select id, username_key, email_key from auth_users where ${sql.raw(name)} ${isAmong}`;
    };
    const { rows } = await sql<TakenNames>`
      ${by('id')} union ${by('username_key')} union ${by('email_key')}`.execute(transaction);
    return rows;
  },

  /** Returns the ids of those that went in: a name of another may have been taken in the meantime. */
  insert: async (transaction: AuthDatabase, members: readonly MemberRow[]): Promise<ReadonlySet<string>> => {
    const { rows } = await sql<{ id: string }>`
      insert into auth_users
        (id, username, username_key, email, email_key, email_verified_at, roles, ver, disabled_at, fac, devices,
          created_at)
      select id, username, username_key, email, email_key, email_verified_at, roles, 1, disabled_at, fac, '', created_at
        from ${membersOf(dialect, members)}
        where true
      on conflict do nothing
      returning id`.execute(transaction);
    const inserted = new Set(rows.map(({ id }) => id));
    await sql`
      insert into auth_passwords (user_id, hash)
      select id, hash from ${membersOf(
        dialect,
        members.filter(({ id, hash }) => hash !== null && inserted.has(id)),
      )}`.execute(transaction);
    return inserted;
  },
});
