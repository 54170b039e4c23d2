import { type Kysely, sql } from 'kysely';
import type { Dialect, Store } from 'latchkey/server';

export interface PeopleOptions {
  /** How many accounts, each with one session, one note and an attempt or two that the limiter counts. */
  people: number;
  /**
   * Milliseconds since the epoch: sessions began in the days before. One in fifty has been ended since, one account in
   * a hundred changed.
   */
  now: number;
  /** Whether they have accounts and sessions and nothing else. @default false */
  onlyAccounts?: boolean;
}

/** The people's numbers, as a relation `people (i)`. */
const numbers = (dialect: Dialect, people: number) =>
  dialect === 'postgres'
    ? sql`people as (select i from generate_series(1, ${sql.lit(people)}) as i)`
    : sql`recursive people (i) as (select 1 union all select i + 1 from people where i < ${sql.lit(people)})`;

/** Scatters the numbers as random names are scattered, so that an index grows everywhere at once and not at its end. */
const scattered = (dialect: Dialect) => {
  const hash = sql`((cast(i as bigint) * 2654435761) % 4294967296)`;
  return dialect === 'postgres' ? sql`lpad(to_hex(${hash}), 8, '0')` : sql`printf('%08x', ${hash})`;
};

const hex12 = (dialect: Dialect, value = sql`i`) =>
  dialect === 'postgres' ? sql`lpad(to_hex(${value}), 12, '0')` : sql`printf('%012x', ${value})`;

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;

/**
 * Fills a migrated store with people by one statement a table: what a real sign-up writes, as long and as scattered,
 * but for hashes that no password has. Their ids are 'xxxxxxxx-0000-4000-8000-' and their number in hexadecimal.
 */
export const fillWithPeople = async (
  { db, dialect }: Pick<Store, 'db' | 'dialect'>,
  { people, now, onlyAccounts = false }: PeopleOptions,
): Promise<void> => {
  const relation = numbers(dialect, people);
  const scatter = scattered(dialect);
  const uuid = sql`${scatter} || '-0000-4000-8000-' || ${hex12(dialect)}`;
  /** As long as 32 bytes in base64url. */
  const name43 = sql`${scatter} || '-' || ${hex12(dialect)} || ${sql.lit('x'.repeat(22))}`;
  const start = sql`(${sql.lit(now - 30 * DAY)} + (cast(i as bigint) * 7919) % ${sql.lit(30 * DAY)})`;
  /** Rows that are only ever added lie in the order of time. */
  const inOrder = sql`(${sql.lit(now - 30 * DAY)} + cast(i as bigint) * ${sql.lit(Math.floor((30 * DAY) / people))})`;
  /** Changes and removals are kept for a day or a little more, and purged an hour or two after. */
  const lately = sql`(${sql.lit(now - 25 * HOUR)} + (cast(i as bigint) * 7919) % ${sql.lit(25 * HOUR)})`;
  const oneIn = (many: number) => sql`(i % ${sql.lit(many)} = 0)`;
  const never = sql`cast(null as bigint)`;

  const insert = (into: string, values: ReturnType<typeof sql>) => {
    const target = sql.raw(into);
    // SQLite knows the WITH of an INSERT only before it, and Postgres in both places.
    return (database: Kysely<unknown>) =>
      sql`with ${relation} insert into ${target} select ${values} from people`.execute(database);
  };

  const accounts = [
    insert(
      `auth_users (id, username, username_key, email, email_key, roles, ver, ver_raised_at, fac, devices,
        created_at)`,
      sql`${uuid}, 'Person_' || i, 'person_' || i, 'Person_' || i || '@mail.example', 'person_' || i || '@mail.example',
        'user', 1, case when ${oneIn(100)} then ${start} else ${never} end, 'password',
        ${name43} || ',', ${start}`,
    ),
    insert(
      'auth_passwords (user_id, hash)',
      sql`${uuid}, ${sql.lit(`$argon2id$v=19$m=19456,t=2,p=1$${'s'.repeat(22)}$${'h'.repeat(43)}`)}`,
    ),
    insert(
      `auth_sessions (sid, id, user_id, sec_hash, issued, confirmed, issued_at, handed_at, idle_ends_at, absolute_ends_at,
        auth_time, amr, fresh_hash, fresh_at, fresh_amr, created_at, user_agent, ip, revoked_at, revoked_cause)`,
      sql`${name43}, ${uuid}, ${uuid}, ${name43}, 2, 1, ${start}, ${start}, ${start} + ${sql.lit(7 * DAY)},
        ${start} + ${sql.lit(90 * DAY)}, ${start}, 'pwd', ${name43}, ${start}, 'pwd.' || ${start}, ${start},
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
        '192.0.2.1', case when ${oneIn(50)} then ${start} else ${never} end,
        case when ${oneIn(50)} then 'logout' else cast(null as text) end`,
    ),
  ];
  const belongings = [
    insert('auth_replaced_passwords (user_id, hash, replaced_at)', sql`${uuid}, ${name43}, ${lately}`),
    insert(
      'auth_flows (name_hash, kind, user_id, address_hash, created_at, ends_at)',
      sql`${name43}, 'reset', ${uuid}, ${name43}, ${start}, ${start} + ${sql.lit(DAY)}`,
    ),
    insert(`auth_limits (name, attempts, wait_until, touched_at)`, sql`'account:' || ${name43}, 1, 0, ${start}`),
    insert(
      `auth_events (id, at, event, outcome, user_id, session_id, ip, user_agent, request_id, detail)`,
      sql`substr(${hex12(dialect, inOrder)}, 1, 8) || '-' || substr(${hex12(dialect, inOrder)}, 9) || '-7000-8000-' ||
        ${hex12(dialect)}, ${inOrder}, 'login', 'succeeded',
        case when ${oneIn(50)} then cast(null as text) else ${uuid} end, ${uuid}, '192.0.2.1', 'test', 'request', '{}'`,
    ),
    insert(`auth_removals (kind, name, at)`, sql`'session', ${name43}, ${lately}`),
    insert(`note_counters (user_id, last_change)`, sql`${uuid}, 1`),
    insert(`notes (user_id, id, change, text, created_at)`, sql`${uuid}, ${uuid}, 1, 'Water the plants', ${start}`),
    insert(`note_changes (user_id, change, kind, note_id, at)`, sql`${uuid}, 1, 'created', ${uuid}, ${lately}`),
  ];
  await db.transaction().execute(async (transaction) => {
    for (const run of onlyAccounts ? accounts : [...accounts, ...belongings]) await run(transaction);
  });
  if (dialect === 'postgres') await sql`vacuum (analyze)`.execute(db);
};
