import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Beside what `npm run build` makes, so that servers which run from there are left alone. */
const APP_DIR = at('../dist/bench');
const PEERS_DIR = at('node_modules/.latchkey');

/** The files that processes are started with. */
export const BUILT = {
  /** What `npm start` runs. */
  latchkey: `${APP_DIR}/server/main.js`,
  /** The same server with the benchmarks' procedures in place of the app's. */
  latchkeyHost: `${APP_DIR}/server/latchkey-host.js`,
  bareTrpc: `${PEERS_DIR}/bare-trpc.js`,
  bareTrpcRefresh: `${PEERS_DIR}/bare-trpc-refresh.js`,
  betterAuth: `${PEERS_DIR}/better-auth.js`,
  expressSession: `${PEERS_DIR}/express-session.js`,
  handWritten: `${PEERS_DIR}/hand-written.js`,
  hashAlone: `${PEERS_DIR}/hash-alone.js`,
  probe: `${PEERS_DIR}/probe.js`,
  loadWorker: `${PEERS_DIR}/worker.js`,
  hashPreload: `${PEERS_DIR}/hash-preload.js`,
} as const;

/**
 * Builds the production server, and the others by the same tools: code that a development tool compiles as it runs is
 * slower in its closures than what is deployed.
 */
export const buildServers = async (): Promise<void> => {
  await build({ root, logLevel: 'warn', build: { outDir: `${APP_DIR}/client` } });
  await build({
    root,
    logLevel: 'warn',
    build: {
      ssr: true,
      outDir: `${APP_DIR}/server`,
      rolldownOptions: { input: [at('servers/latchkey-host.ts')] },
    },
  });
  const peers = ['bare-trpc', 'bare-trpc-refresh', 'better-auth', 'express-session', 'hand-written', 'hash-alone'];
  await build({
    // From where what is compared with is found, and left where it is installed.
    root: at('.'),
    logLevel: 'warn',
    configFile: false,
    ssr: { external: true },
    build: {
      ssr: true,
      outDir: PEERS_DIR,
      emptyOutDir: true,
      target: 'node20',
      rolldownOptions: {
        input: [
          ...peers.map((name) => at(`servers/${name}.ts`)),
          at('probe.ts'),
          at('hash-preload.ts'),
          at('load/worker.ts'),
        ],
        output: { entryFileNames: '[name].js' },
      },
    },
  });
};
