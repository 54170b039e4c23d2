export { createPostgresFeed } from './store/postgres/feed.ts';
export { createPostgresListener, type ListeningClient, type PostgresListener } from './store/postgres/listener.ts';
export { createListeningClient, openPostgres, type PostgresOptions } from './store/postgres/open.ts';
export { postgresAddress, postgresUrlProblem } from './store/postgres/url.ts';
