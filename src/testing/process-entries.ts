import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What tests run in processes of their own. */
const ENTRIES = {
  dev: 'src/server/dev.ts',
  command: 'src/server/command.ts',
  server: 'src/faults/server.fixture.ts',
  'defective-server': 'src/server/run.fixture.ts',
  'lock-holder': 'src/server/database/server-lock.fixture.ts',
  migrator: 'src/server/auth/store/migrate.fixture.ts',
};

export type ProcessEntry = keyof typeof ENTRIES;

export interface ProcessEntries {
  folder: string;
  /** Builds them anew. */
  build(): Promise<void>;
  remove(): void;
}

export const pathOfEntry = (folder: string, entry: ProcessEntry): string => join(folder, `${entry}.mjs`);

/**
 * Bundles the entries, each to be run by Node.js as it is: compiling the sources at every start takes longer than all
 * else that a process does. The folder lies two below the root, as the sources of the server do, with the packages in
 * reach.
 */
export const createProcessEntries = (): ProcessEntries => {
  const packages = join(ROOT, 'node_modules');
  mkdirSync(packages, { recursive: true });
  const folder = mkdtempSync(join(packages, '.latchkey-processes-'));
  return {
    folder,
    build: async () => {
      await build({
        configFile: false,
        root: ROOT,
        logLevel: 'error',
        ssr: { noExternal: ['kysely'] },
        build: {
          ssr: true,
          outDir: folder,
          emptyOutDir: true,
          copyPublicDir: false,
          target: 'node20',
          sourcemap: 'inline',
          rolldownOptions: {
            input: ENTRIES,
            output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
          },
        },
      });
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
