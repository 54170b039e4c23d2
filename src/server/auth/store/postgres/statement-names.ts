import { MAX_STATEMENTS, REPEATED } from '../repeated-statements.ts';

/** The name of a statement, undefined for one that is not worth preparing. */
export type StatementNames = (sql: string) => string | undefined;

/** Where nothing can be prepared. */
export const nameless: StatementNames = () => undefined;

/**
 * Names under which each Postgres connection keeps what it has parsed and planned, so that it does neither at every
 * call. The first so many texts get one: what is hot comes early, and a connection keeps a prepared statement for as
 * long as it lives.
 */
export const createStatementNames = (limit = MAX_STATEMENTS): StatementNames => {
  const names = new Map<string, string>();
  return (sql) => {
    const known = names.get(sql);
    if (known !== undefined || names.size >= limit || !REPEATED.test(sql)) return known;
    const name = `latchkey_${names.size}`;
    names.set(sql, name);
    return name;
  };
};
