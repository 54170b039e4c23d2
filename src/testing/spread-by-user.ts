import { type Kysely, sql } from 'kysely';

/** How many partitions each table gets. */
const PARTITIONS = 4;

/**
 * The tables whose rows belong to a user each, with keys that a table in partitions can have: the user is part of all
 * of them.
 */
const KEYS: Record<string, readonly string[]> = {
  auth_sessions: ['primary key (user_id, sid)'],
  note_counters: ['primary key (user_id)'],
  notes: ['primary key (user_id, id)', 'unique (user_id, change)'],
  note_changes: ['primary key (user_id, change)'],
};

/** What is unique among some rows alone: a session that is renewed has the public id of the one that it replaces. */
const UNIQUE_AMONG_SOME = ['create unique index on auth_sessions (user_id, id) where revoked_at is null'];

/**
 * Which partition a table is, of those that `spreadByUser` makes; the same number holds the same users in every table.
 */
export const partitionOf = (table: string): string | undefined => /_of_(\d+)$/.exec(table)?.[1];

const definitions = async (db: Kysely<unknown>, query: ReturnType<typeof sql<{ definition: string }>>) =>
  (await query.execute(db)).rows.map(({ definition }) => definition);

/** Lays the empty tables of a migrated Postgres out in partitions by user: see docs/scale.md. */
export const spreadByUser = async (db: Kysely<unknown>): Promise<void> => {
  for (const [table, keys] of Object.entries(KEYS)) {
    const indexes = await definitions(
      db,
      sql`select pg_get_indexdef(indexrelid) as definition from pg_index where indrelid = ${table}::regclass and not indisunique`,
    );
    const triggers = await definitions(
      db,
      sql`select pg_get_triggerdef(oid) as definition from pg_trigger where tgrelid = ${table}::regclass and not tgisinternal`,
    );
    const statements = [
      `alter table ${table} rename to ${table}_whole`,
      `create table ${table} (like ${table}_whole including defaults) partition by hash (user_id)`,
      `drop table ${table}_whole`,
      ...Array.from(
        { length: PARTITIONS },
        (_, index) =>
          `create table ${table}_of_${index} partition of ${table} for values with (modulus ${PARTITIONS}, remainder ${index})`,
      ),
      ...keys.map((key) => `alter table ${table} add ${key}`),
      `alter table ${table} add foreign key (user_id) references auth_users on delete cascade`,
      ...indexes,
      ...triggers,
    ];
    for (const statement of statements) await sql.raw(statement).execute(db);
  }
  for (const statement of UNIQUE_AMONG_SOME) await sql.raw(statement).execute(db);
};
