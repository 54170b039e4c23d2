export * from './data-dir.ts';
export * from './open-database.ts';
export * from './server-lock.ts';
