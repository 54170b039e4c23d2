export { isSqliteBusy } from './store/sqlite/busy.ts';
export { createSqliteFeed } from './store/sqlite/feed.ts';
export { openSqlite, type SqliteOptions } from './store/sqlite/open.ts';
