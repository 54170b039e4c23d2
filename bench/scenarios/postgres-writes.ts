import { sql } from 'kysely';
import pg from 'pg';
import { createTestAuth } from '../../src/testing/auth.ts';
import { fillWithPeople } from '../../src/testing/people.ts';
import { createAnnouncer, createAnnouncerOf } from '../../src/testing/postgres-feed.ts';
import { quietFeed } from '../../src/testing/quiet-feed.ts';
import { spreadByUser } from '../../src/testing/spread-by-user.ts';
import { type BenchStore, openBenchStore } from '../bench-store.ts';
import type { BenchContext } from '../context.ts';
import type { Row } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import { ratiosOf, spreadOf } from '../statistics.ts';

type Numbers = Record<string, number>;

const ask = async (client: pg.Client, text: string): Promise<Numbers> => {
  const { rows } = await client.query<Record<string, string>>(text);
  return Object.fromEntries(Object.entries(rows[0] ?? {}).map(([name, value]) => [name, Number(value)]));
};

const connect = async (context: BenchContext, store: BenchStore): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: store.location.databaseUrl });
  await client.connect();
  context.onEnd(() => client.end());
  return client;
};

interface Session {
  sid: string;
  userId: string;
  secHash: string;
  issued: number;
  handedAt: number;
}

const SESSIONS = `select sid, user_id as "userId", sec_hash as "secHash", issued, handed_at::float8 as "handedAt"
  from auth_sessions where revoked_at is null`;

/** The statement of a refresh that rotates, as the server itself sends it. */
interface Rotation {
  text: string;
  valuesOf(session: Session, now: number): unknown[];
}

const recordRotation = async (store: BenchStore): Promise<Rotation> => {
  const kit = await createTestAuth(store, { feed: quietFeed });
  const browser = kit.openBrowser();
  await browser.register('ada');
  // Twice before, so that its generation is no other number of the statement.
  for (let refresh = 0; refresh < 2; refresh += 1) {
    kit.clock.advance(60_000);
    await browser.refresh();
  }
  kit.clock.advance(60_000);
  const { db } = store.database;
  const { rows } = await sql<Session>`${sql.raw(SESSIONS)}`.execute(db);
  store.takeStatements();
  await browser.refresh();
  const now = kit.clock.now();
  await kit.stop();
  const [rotation, ...others] = store.takeStatements();
  const recorded = rows.find(({ sid }) => rotation?.parameters.includes(sid));
  if (recorded === undefined || rotation === undefined || others.length > 0) {
    throw new Error('A refresh has not rotated a session by one statement.');
  }
  // Each parameter is what it was for this session, at this time.
  const { sid, userId, secHash, issued } = recorded;
  const stepOf = (value: unknown): ((session: Session, at: number) => unknown) => {
    if (value === sid) return (session) => session.sid;
    if (value === userId) return (session) => session.userId;
    if (value === secHash) return (session) => session.secHash;
    if (value === issued) return (session) => session.issued;
    if (typeof value === 'number' && value > now / 2) return (_session, at) => at + value - now;
    return () => value;
  };
  const steps = rotation.parameters.map(stepOf);
  return { text: rotation.sql, valuesOf: (session, at) => steps.map((step) => step(session, at)) };
};

const shuffled = <TItem>(items: readonly TItem[]): TItem[] =>
  items
    .map((item) => ({ item, at: Math.random() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ item }) => item);

/** Rotates every session once, in no order, over some connections at once. */
const rotateAll = async (clients: readonly pg.Client[], { text, valuesOf }: Rotation, sessions: readonly Session[]) => {
  const left = shuffled(sessions);
  const work = async (client: pg.Client): Promise<void> => {
    for (let session = left.pop(); session !== undefined; session = left.pop()) {
      const now = session.handedAt + 720_000;
      const { rows } = await client.query<{ is_rotated: boolean }>({
        name: 'rotate',
        text,
        values: valuesOf(session, now),
      });
      if (rows[0]?.is_rotated !== true) throw new Error('A rotation changed nothing.');
      Object.assign(session, { issued: session.issued + 1, handedAt: now });
    }
  };
  await Promise.all(clients.map(work));
};

const WRITES = `select n_tup_upd as updates, n_tup_hot_upd as hot, pg_relation_size('auth_sessions') as heap,
  pg_indexes_size('auth_sessions') as indexes, pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as wal
  from pg_stat_user_tables where relname = 'auth_sessions'`;

const readSessions = async (client: pg.Client): Promise<Session[]> => {
  const { rows } = await client.query<Session>(SESSIONS);
  return rows;
};

const rotations = async (context: BenchContext, store: BenchStore, people: number): Promise<Row[]> => {
  const statement = await recordRotation(store);
  const clients = await Promise.all(Array.from({ length: 4 }, () => connect(context, store)));
  const [first] = clients;
  if (first === undefined) return [];
  for (const client of clients) await client.query('set synchronous_commit = off');
  const sessions = await readSessions(first);

  const taken: Record<'hot' | 'wal', number[]> = { hot: [], wal: [] };
  const start = await ask(first, WRITES);
  let end = start;
  for (let round = 0; round < (context.quick ? 1 : 4); round += 1) {
    await first.query('checkpoint');
    const before = await ask(first, WRITES);
    await rotateAll(clients, statement, sessions);
    // Each connection tells its counters at the latest by its next statement after a second.
    await Promise.all(clients.map((client) => client.query('select pg_stat_force_next_flush()')));
    await Promise.all(clients.map((client) => client.query('select 1')));
    end = await ask(first, WRITES);
    taken.hot.push(((end['hot'] ?? 0) - (before['hot'] ?? 0)) / ((end['updates'] ?? 0) - (before['updates'] ?? 0)));
    taken.wal.push(((end['wal'] ?? 0) - (before['wal'] ?? 0)) / sessions.length);
  }
  const grown = (what: string) => (end[what] ?? 0) / (start[what] ?? 1);
  return [
    {
      what: 'rotations that touch no index (HOT)',
      unit: 'share',
      ours: spreadOf(taken.hot),
      target: { atLeast: 0.95 },
    },
    { what: 'write-ahead log of a rotation, with a checkpoint every round', unit: 'bytes', ours: spreadOf(taken.wal) },
    {
      what: `heap of ${people.toLocaleString('en')} sessions after all rounds, to before`,
      unit: 'times',
      ours: spreadOf([grown('heap')]),
    },
    { what: 'their indexes after all rounds, to before', unit: 'times', ours: spreadOf([grown('indexes')]) },
  ];
};

/**
 * What one Postgres carries: each refresh reads a session and writes it, in a transaction that is on the disk before it
 * is answered.
 */
const rates = async (context: BenchContext): Promise<Row[]> => {
  const people = context.quick ? 1_000 : 20_000;
  const CONNECTIONS = 32;
  const openSide = async (isSpread: boolean) => {
    const store = await openBenchStore('postgres');
    context.onEnd(store.remove);
    const statement = await recordRotation(store);
    const { db } = store.database;
    if (isSpread) await spreadByUser(db);
    await fillWithPeople({ db, dialect: 'postgres' }, { people, now: Date.now(), onlyAccounts: true });
    const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => connect(context, store)));
    const [first] = clients;
    const sessions = first ? await readSessions(first) : [];
    const rotate = async (): Promise<number> => {
      const start = performance.now();
      await rotateAll(clients, statement, sessions);
      return (sessions.length * 1000) / (performance.now() - start);
    };
    await rotate();
    return { rotate, rates: [] as number[] };
  };
  const [whole, spread] = [await openSide(false), await openSide(true)];
  for (let round = 0; round < Math.min(context.rounds, 5); round += 1) {
    for (const side of [whole, spread]) side.rates.push(await side.rotate());
  }
  return [
    {
      what: `refreshes that rotate, ${CONNECTIONS} connections`,
      unit: 'refreshes/s',
      ours: spreadOf(whole.rates),
    },
    {
      what: 'the same, with the table in partitions by user',
      unit: 'refreshes/s',
      ours: spreadOf(spread.rates),
      comparedWith: 'in one piece',
      theirs: spreadOf(whole.rates),
      ratio: spreadOf(ratiosOf(spread.rates, whole.rates)),
    },
  ];
};

const sizes = async (context: BenchContext, store: BenchStore, people: number): Promise<Row[]> => {
  const client = await connect(context, store);
  const rows: Row[] = [];
  for (const table of ['auth_users', 'auth_sessions']) {
    const size = await ask(
      client,
      `select pg_relation_size('${table}') as heap, pg_indexes_size('${table}') as indexes`,
    );
    rows.push({ what: `a row of ${table}`, unit: 'bytes', ours: spreadOf([(size['heap'] ?? 0) / people]) });
    rows.push({ what: `its entries in indexes`, unit: 'bytes', ours: spreadOf([(size['indexes'] ?? 0) / people]) });
  }
  return rows;
};

/** Ends sessions, one by each connection at a time, and returns how many a second. */
const endSessions = async (
  clients: readonly pg.Client[],
  milliseconds: number,
  next: () => string | undefined,
  { statement, afterwards }: Ending,
) => {
  const start = performance.now();
  let ended = 0;
  const work = async (client: pg.Client): Promise<void> => {
    while (performance.now() - start < milliseconds) {
      const sid = next();
      if (sid === undefined) throw new Error('There are too few sessions to end.');
      await client.query({ ...statement, values: [sid] });
      await afterwards?.(sid);
      ended += 1;
    }
  };
  await Promise.all(clients.map(work));
  return (ended * 1000) / (performance.now() - start);
};

interface Ending {
  statement: { name: string; text: string };
  afterwards?: (sid: string) => Promise<void>;
}

const END = `update auth_sessions set revoked_at = 1, revoked_cause = 'logout' where sid = $1 and revoked_at is null`;
const BY_TRIGGER = { name: 'end', text: END };
const BY_US = { name: 'end_announced', text: `${END} and auth_announced()` };

/**
 * NOTIFY takes one lock for the whole server until the commit is on the disk: such commits go one after the other, as
 * where the trigger announces what others write.
 */
const feed = async (context: BenchContext, store: BenchStore): Promise<Row[]> => {
  const admin = await connect(context, store);
  const listening = await connect(context, store);
  await listening.query('listen "public.auth_revocations"');
  const { rows: sessions } = await admin.query<{ sid: string }>('select sid from auth_sessions');
  const rows: Row[] = [];
  for (const connections of [1, 8, 32]) {
    // So that there are enough to end, however fast the disk is.
    await admin.query('update auth_sessions set revoked_at = null, revoked_cause = null where revoked_at is not null');
    await admin.query('checkpoint');
    const left = sessions.map(({ sid }) => sid);
    const next = () => left.pop();
    const clients = await Promise.all(Array.from({ length: connections }, () => connect(context, store)));
    const announce = createAnnouncerOf(store.database);
    const visit = createAnnouncer(async () => void (await admin.query({ name: 'visit', text: 'select 1' })));
    const sides = {
      ours: { statement: BY_US, afterwards: (sid: string) => announce([{ kind: 'session', sid, cause: 'logout' }]) },
      silent: { statement: BY_US },
      roundTrip: { statement: BY_US, afterwards: () => visit([{ kind: 'session', sid: '', cause: 'logout' }]) },
      trigger: { statement: BY_TRIGGER },
    };
    const taken: Record<keyof typeof sides, number[]> = { ours: [], silent: [], roundTrip: [], trigger: [] };
    // The first round opens connections and prepares statements, and is left out.
    for (let round = -1; round < Math.min(context.rounds, 7); round += 1) {
      for (const side of ['ours', 'silent', 'roundTrip', 'trigger'] as const) {
        const rate = await endSessions(clients, Math.min(context.roundMs, 400), next, sides[side]);
        if (round >= 0) taken[side].push(rate);
      }
    }
    const row = (what: string, side: number[]): Row => ({
      what: `${what}, ${connections} connections`,
      unit: 'commits/s',
      ours: spreadOf(side),
      comparedWith: 'without an announcement',
      theirs: spreadOf(taken.silent),
      ratio: spreadOf(ratiosOf(side, taken.silent)),
    });
    rows.push({
      ...row('sessions ended and announced after the commit', taken.ours),
      ...(connections > 1 && { target: { atLeast: 0.8 } }),
    });
    rows.push(row('the same with an empty statement for the announcement', taken.roundTrip));
    rows.push(row('the same by SQL of others, announced by the trigger', taken.trigger));
  }
  return rows;
};

export const postgresWrites: Scenario = {
  name: 'postgres-writes',
  title:
    'What sessions take on the disk of a Postgres, what a rotation writes, and what it costs that every ended session is announced. With fsync.',
  run: async (context) => {
    const people = context.quick ? 20_000 : 200_000;
    const store = await openBenchStore('postgres');
    context.onEnd(store.remove);
    await store.database.withUnboundedConnection((db) =>
      fillWithPeople({ db, dialect: 'postgres' }, { people, now: Date.now(), onlyAccounts: true }),
    );
    return [
      ...(await sizes(context, store, people)),
      ...(await rotations(context, store, people)),
      ...(await rates(context)),
      ...(await feed(context, store)),
    ];
  },
};
