import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { AuthDatabase } from '#server/auth/store/tables.ts';

/** Begins and ends transactions, and has no statement to run: those that matter go to the simulated rows. */
class NoDriver extends DummyDriver {
  override acquireConnection() {
    return Promise.resolve({
      executeQuery: ({ sql }: CompiledQuery) =>
        Promise.reject(new Error(`The simulation has no statement for: ${sql}`)),
      async *streamQuery() {
        yield* [];
      },
    });
  }
}

/** For the parts of the server that want a database and never ask it here. */
export const createNoDatabase = (): AuthDatabase =>
  new Kysely({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new NoDriver(),
      createIntrospector: (database) => new SqliteIntrospector(database),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
