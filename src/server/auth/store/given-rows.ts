import { type RawBuilder, sql } from 'kysely';
import type { Dialect } from './tables.ts';

/**
 * Rows that are given, as a relation, in one parameter: the text of a statement is the same however many they are, and
 * no limit of parameters is near.
 * @param columns the type of each on Postgres
 */
export const givenRows = <TRow extends object>(
  dialect: Dialect,
  {
    as,
    columns,
    rows,
  }: { as: string; columns: Readonly<Record<keyof TRow & string, 'text' | 'bigint'>>; rows: readonly TRow[] },
): RawBuilder<unknown> => {
  const json = JSON.stringify(rows);
  const typed = Object.entries(columns);
  return dialect === 'postgres'
    ? sql`json_to_recordset(cast(${json} as json)) as ${sql.raw(as)}
        (${sql.raw(typed.map((column) => column.join(' ')).join(', '))})`
    : sql`(select ${sql.raw(typed.map(([name]) => `value ->> '${name}' as ${name}`).join(', '))}
        from json_each(${json})) as ${sql.raw(as)}`;
};
