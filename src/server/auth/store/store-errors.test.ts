import {
  type DatabaseConnection,
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely';
import { expect, test } from 'vitest';
import { DatabaseUnavailableError } from './store.ts';
import { isStoreUnavailable, markStoreErrors, meansUnavailable } from './store-errors.ts';

const withCode = (code: string) => Object.assign(new Error('words'), { code });

test.each([
  '08006',
  '28P01',
  '3D000',
  '53300',
  '57P01',
  '57014',
  '58030',
  '40001',
  '40P01',
  '40003',
  '25006',
  '25P03',
  'ECONNREFUSED',
  'ECONNRESET',
  'EMFILE',
  'SQLITE_BUSY',
  'SQLITE_IOERR_FSYNC',
  'SQLITE_FULL',
])('the code %s says that the store cannot be asked', (code) => {
  expect(meansUnavailable(withCode(code))).toBe(true);
});

test.each(['23505', '42P01', '22P02', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_ERROR', 'ERR_INVALID_ARG_TYPE'])(
  'the code %s says that the question was wrong',
  (code) => {
    expect(meansUnavailable(withCode(code))).toBe(false);
  },
);

test('an error of pg without a code, and several addresses that all refuse, count as well', () => {
  expect(meansUnavailable(new Error('Connection terminated unexpectedly'))).toBe(true);
  expect(meansUnavailable(new Error('Client was closed and is not queryable'))).toBe(true);
  expect(meansUnavailable(new Error('timeout exceeded when trying to connect'))).toBe(true);
  expect(meansUnavailable(new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')]))).toBe(true);
  expect(meansUnavailable(new DatabaseUnavailableError('The file cannot be opened.'))).toBe(true);
  // Of another copy of the module.
  const another = Object.assign(new Error('The file cannot be opened.'), { name: 'DatabaseUnavailableError' });
  expect(meansUnavailable(another)).toBe(true);
  expect(meansUnavailable(new Error('anything else'))).toBe(false);
  expect(meansUnavailable(undefined)).toBe(false);
});

/** A database of which each step may fail. */
const openFailing = (fail: { connect?: Error; execute?: Error }) => {
  const connection: DatabaseConnection = {
    executeQuery: async () => {
      if (fail.execute !== undefined) throw fail.execute;
      return { rows: [] };
    },
    streamQuery: async function* () {},
  };
  class FailingDriver extends DummyDriver {
    override async acquireConnection(): Promise<DatabaseConnection> {
      if (fail.connect !== undefined) throw fail.connect;
      return connection;
    }
  }
  const db = new Kysely<unknown>({
    dialect: {
      createDriver: () => new FailingDriver(),
      createAdapter: () => new SqliteAdapter(),
      createIntrospector: (database) => new SqliteIntrospector(database),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
  markStoreErrors(db);
  markStoreErrors(db.withTables<{ notes: { id: string } }>());
  return db;
};
const ask = async <TTables>(db: Kysely<TTables>): Promise<unknown> => sql`select 1`.execute(db);
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

test('only what our own store says makes it unavailable', async () => {
  expect(isStoreUnavailable(withCode('ECONNREFUSED'))).toBe(false);
  expect(isStoreUnavailable(withCode('08006'))).toBe(false);
  for (const step of ['connect', 'execute']) {
    const db = openFailing({ [step]: withCode('ECONNREFUSED') });
    expect(isStoreUnavailable(await failureOf(ask(db)))).toBe(true);
    expect(isStoreUnavailable(await failureOf(ask(db.withTables<{ notes: { id: string } }>())))).toBe(true);
    expect(isStoreUnavailable(await failureOf(db.transaction().execute(ask)))).toBe(true);
    expect(isStoreUnavailable(await failureOf(ask(openFailing({ [step]: withCode('23505') }))))).toBe(false);
  }
});

test('what is thrown between two statements is not the store’s', async () => {
  const db = openFailing({});
  const work = db.transaction().execute(async (transaction) => {
    await ask(transaction);
    throw withCode('ECONNREFUSED');
  });
  expect(isStoreUnavailable(await failureOf(work))).toBe(false);
});
