import { CompiledQuery, type Kysely, sql } from 'kysely';
import type { Store } from 'latchkey/server';
import { z } from 'zod/v4';

/** What a statement reads from end to end: a table, or in place of it an index. */
export interface Whole {
  table?: string | undefined;
  index?: string | undefined;
}

/** What a statement reads from end to end by its plan. Nothing when it goes straight to its rows. */
export type Explain = (db: Kysely<unknown>, statement: CompiledQuery) => Promise<Whole[]>;

/** https://www.sqlite.org/eqp.html: SEARCH visits a part of a table or an index, SCAN all of it. */
const explainOnSqlite: Explain = async (db, { sql: text, parameters }) => {
  const { rows } = await db.executeQuery<{ detail: string }>(
    CompiledQuery.raw(`explain query plan ${text}`, [...parameters]),
  );
  return rows.flatMap(({ detail }) => {
    const [, table, index] = /^SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?/.exec(detail) ?? [];
    if (table === undefined) return [];
    return index === undefined ? { table } : { index };
  });
};

const planSchema = z.object({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  'Index Name': z.string().optional(),
  'Index Cond': z.string().optional(),
  get Plans() {
    return z.array(planSchema).optional();
  },
});

type Plan = z.infer<typeof planSchema>;

const answerSchema = z.tuple([z.object({ 'QUERY PLAN': z.tuple([z.object({ Plan: planSchema })]) })]);

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

const firstColumns = async (db: Kysely<unknown>): Promise<Map<string, string>> => {
  const { rows } = await sql<{ index: string; column: string }>`
    select c.relname as index, pg_get_indexdef(i.indexrelid, 1, true) as column
    from pg_index i join pg_class c on c.oid = i.indexrelid`.execute(db);
  return new Map(rows.map(({ index, column }) => [index, column]));
};

const planOnPostgres = async (db: Kysely<unknown>, { sql: text, parameters }: CompiledQuery): Promise<Plan[]> => {
  const { rows } = await db.executeQuery(CompiledQuery.raw(`explain (format json) ${text}`, [...parameters]));
  const [answer] = answerSchema.parse(rows);
  return nodesOf(answer['QUERY PLAN'][0].Plan);
};

/** The tables and partitions that a statement reads on Postgres by its plan. */
export const tablesRead = async (db: Kysely<unknown>, statement: CompiledQuery): Promise<Set<string>> => {
  const scans = (await planOnPostgres(db, statement)).filter((node) => node['Node Type'].endsWith('Scan'));
  return new Set(scans.flatMap((node) => node['Relation Name'] ?? []));
};

const explainOnPostgres: Explain = async (db, statement) => {
  const columns = await firstColumns(db);
  return (await planOnPostgres(db, statement)).flatMap((node): Whole[] => {
    const { 'Index Name': index, 'Index Cond': condition = '' } = node;
    if (node['Node Type'] === 'Seq Scan') return [{ table: node['Relation Name'] }];
    // A condition that leaves the first column out is looked for in the whole index.
    if (index === undefined || condition.includes(columns.get(index) ?? 'nothing')) return [];
    return [{ index }];
  });
};

export const explainOn: Record<Store['dialect'], Explain> = { sqlite: explainOnSqlite, postgres: explainOnPostgres };
