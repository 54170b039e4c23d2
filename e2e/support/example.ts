import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../../src/testing/free-port.ts';

const run = promisify(execFile);

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** SQLite's driver, as it was compiled here: to compile it for each example takes minutes. */
const DRIVER = 'node_modules/better-sqlite3/build/Release/better_sqlite3.node';

/** What is made by using an example, and is in nobody's clone. */
const MADE = new Set(['node_modules', 'dist', '.next', '.env']);

const START_TIMEOUT_MS = 120_000;

/** An example that runs by `npm run dev`, as somebody's who has cloned the repository. */
export interface Example {
  url: string;
  /** Compiles it. @throws Error with what the compiler says. */
  checkTypes(): Promise<void>;
  remove(): Promise<void>;
}

/** That of a newcomer: nothing of npm's that runs us, and no program of ours that theirs might lack. */
const createEnvironment = (): NodeJS.ProcessEnv => {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(package|lifecycle)_|INIT_CWD$|NODE_ENV$)/.test(name),
  );
  const path = process.env.PATH?.split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return { ...Object.fromEntries(own), PATH: path?.join(delimiter) };
};

const copyExample = async (name: string, folder: string): Promise<void> => {
  const isSource = (path: string): boolean => !MADE.has(basename(path)) && !path.includes('.sqlite');
  await cp(join(ROOT, 'examples', name), folder, { recursive: true, filter: isSource });
};

const install = async (folder: string, env: NodeJS.ProcessEnv): Promise<void> => {
  const quick = ['--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts'];
  await run('npm', ['install', ...quick], { cwd: folder, env });
  if (!existsSync(join(folder, 'node_modules/better-sqlite3'))) return;
  await mkdir(join(folder, DRIVER, '..'), { recursive: true });
  await cp(join(ROOT, DRIVER), join(folder, DRIVER));
};

/**
 * npm, what it runs and what that runs: a process group of their own, which ends with the worker as well, where a run
 * of the tests is interrupted.
 */
const endWithUs = (child: ChildProcess): (() => Promise<void>) => {
  const kill = (): void => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, 'SIGKILL');
    }
  };
  process.once('exit', kill);
  return async () => {
    process.off('exit', kill);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    kill();
    await ended;
  };
};

const hasStatus = (url: string, status: number): Promise<boolean> =>
  fetch(url).then(
    (response) => response.status === status,
    () => false,
  );

/** The page is there, and behind it the API, which refuses who is not signed in. */
const answers = async (url: string): Promise<boolean> =>
  (await hasStatus(url, 200)) && (await hasStatus(`${url}/api/trpc/user.me`, 401));

const untilItAnswers = async (url: string, child: ChildProcess): Promise<void> => {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = `${output}${text}`.slice(-10_000);
    });
  }
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(url))) {
    if (child.exitCode !== null) throw new Error(`The example ended at its start:\n${output}`);
    if (Date.now() > deadline) throw new Error(`The example does not answer:\n${output}`);
    await delay(100);
  }
};

/**
 * Copies an example, installs it beside the packed package, and runs it.
 * @param env beside its port.
 */
export const startExample = async (name: string, env: Record<string, string>): Promise<Example> => {
  if (!existsSync(join(ROOT, 'dist/package'))) throw new Error('There is no package yet: npm run build:package');
  const home = await mkdtemp(join(tmpdir(), 'latchkey-example-'));
  const folder = join(home, 'examples', name);
  await mkdir(join(home, 'dist'));
  await symlink(join(ROOT, 'dist/package'), join(home, 'dist/package'));
  await copyExample(name, folder);
  const environment = createEnvironment();
  await install(folder, environment);

  const port = await freePort();
  const url = `http://localhost:${port}`;
  const child = spawn('npm', ['run', 'dev'], {
    cwd: folder,
    env: { ...environment, PORT: String(port), NEXT_TELEMETRY_DISABLED: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const end = endWithUs(child);
  const remove = async (): Promise<void> => {
    await end();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  };

  try {
    await untilItAnswers(url, child);
    // A refusal does. Next.js compiles this route when it is first asked for, which takes longer than a test waits.
    await fetch(`${url}/api/trpc/hello`);
  } catch (error) {
    await remove();
    throw error;
  }
  const checkTypes = async (): Promise<void> => {
    const { stdout } = await run(process.execPath, ['node_modules/typescript/bin/tsc', '--noEmit'], {
      cwd: folder,
      env: environment,
    }).catch((error: unknown) => {
      throw new Error(`${name} does not compile.\n${String(Reflect.get(Object(error), 'stdout'))}`, { cause: error });
    });
    if (stdout !== '') throw new Error(stdout);
  };
  return { url, checkTypes, remove };
};
