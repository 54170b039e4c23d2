import type { SqliteDatabase, SqliteStatement } from 'kysely';
import { MAX_STATEMENTS, REPEATED } from '../repeated-statements.ts';

/**
 * Kysely prepares each statement anew at every call. This prepares each SQL text once and keeps the most recently used
 * ones. A statement that is streamed is prepared for itself, for it is busy until its last row.
 */
export const cacheStatements = (database: SqliteDatabase, limit = MAX_STATEMENTS): SqliteDatabase => {
  const statements = new Map<string, SqliteStatement>();

  const prepare = (sql: string): SqliteStatement => {
    const statement = database.prepare(sql);
    return {
      reader: statement.reader,
      all: (parameters) => statement.all(parameters),
      run: (parameters) => statement.run(parameters),
      iterate: (parameters) => database.prepare(sql).iterate(parameters),
    };
  };

  return {
    prepare: (sql) => {
      if (!REPEATED.test(sql)) return prepare(sql);
      const statement = statements.get(sql) ?? prepare(sql);
      // A Map keeps the order of insertion: taken out and put back, the statement is the youngest.
      statements.delete(sql);
      statements.set(sql, statement);
      if (statements.size > limit) {
        const [oldest] = statements.keys();
        if (oldest !== undefined) statements.delete(oldest);
      }
      return statement;
    },
    close: () => {
      statements.clear();
      database.close();
    },
  };
};
