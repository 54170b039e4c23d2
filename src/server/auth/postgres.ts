/**
 * The store in Postgres: `createAuth({ database: postgres(url) })`. For any number of processes.
 *
 * @packageDocumentation
 */

export { type PostgresOptions, postgres } from './store/postgres/open.ts';
export { isSchemaName, SCHEMA_NAME } from './store/postgres/schema.ts';
export { postgresAddress, postgresUrlProblem } from './store/postgres/url.ts';
