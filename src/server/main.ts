import { fileURLToPath } from 'node:url';
import { describeStore } from './describe-store.ts';
import { builtApp } from './http/built-app.ts';
import { run } from './run.ts';

/**
 * `npm start`: the built server, always in production. The build puts it beside the web app: `dist/server` and
 * `dist/client`.
 */
const CLIENT_DIR = fileURLToPath(new URL('../client', import.meta.url));

await run({
  mode: 'production',
  createWebApp: async () => ({ handler: await builtApp(CLIENT_DIR), close: () => Promise.resolve() }),
  announce: (config, log) => {
    const { publicUrl, port } = config;
    // Told at every level of the log: starting a server, one wants to know that it runs, and on what.
    log
      .child({}, { level: 'info' })
      .info({ publicUrl, port, store: describeStore(config) }, `Latchkey is ready at ${publicUrl}`);
  },
});
