export { isSqliteBusy } from './store/sqlite/busy.ts';
export { type SqliteOptions, sqlite } from './store/sqlite/open.ts';
