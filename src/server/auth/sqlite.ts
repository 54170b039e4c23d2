/**
 * The store in a SQLite file: `createAuth({ database: sqlite('app.sqlite') })`.
 *
 * @packageDocumentation
 */

export { isSqliteBusy } from './store/sqlite/busy.ts';
export { type SqliteOptions, sqlite } from './store/sqlite/open.ts';
