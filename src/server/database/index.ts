export * from './data-dir.ts';
export * from './database.ts';
export * from './migrate.ts';
export * from './open-database.ts';
export { createListeningClient, openPostgres } from './postgres.ts';
export { postgresAddress, postgresUrlProblem } from './postgres-url.ts';
export * from './server-lock.ts';
