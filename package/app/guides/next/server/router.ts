export { type AppRouter, appRouter } from '../../server.ts';
