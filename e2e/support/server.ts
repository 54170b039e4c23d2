import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import manifest from '../../package.json' with { type: 'json' };
import { freePort } from '../../src/testing/free-port.ts';

export interface ServerOptions {
  /** Variables beside those that every test server has. */
  env?: Record<string, string>;
  /** Of PUBLIC_URL. Whatever ends in `localhost` is this machine to the browser. @default 'localhost' */
  host?: string;
}

/** The built server in a process of its own, as `npm start` runs it. */
export interface Server {
  /** Its origin, which is PUBLIC_URL. */
  url: string;
  /** Ends the process without a word, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again, with the port, the data and the secrets it had. */
  start(): Promise<void>;
  /** Ends the process and removes its data. */
  remove(): Promise<void>;
}

const START_TIMEOUT_MS = 20_000;

/** What `npm start` runs, without the shells around it: a signal meets the server itself. */
const startArguments = (): string[] => {
  const [exec, program, ...rest] = manifest.scripts.start.split(' ');
  if (exec !== 'exec' || program !== 'node')
    throw new Error(`The start script is not what is expected: ${manifest.scripts.start}`);
  return rest;
};

const isReady = (port: number): Promise<boolean> =>
  fetch(`http://localhost:${port}/readyz`).then(
    (response) => response.ok,
    () => false,
  );

export const startServer = async ({ env = {}, host = 'localhost' }: ServerOptions = {}): Promise<Server> => {
  const port = await freePort();
  const url = `http://${host}:${port}`;
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-e2e-'));
  const environment = {
    PATH: process.env.PATH,
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_URL: url,
    DATA_DIR: dataDir,
    ACCESS_TOKEN_SECRET: randomBytes(32).toString('base64url'),
    REFRESH_TOKEN_SECRET: randomBytes(32).toString('base64url'),
    DATA_SECRET: randomBytes(32).toString('base64url'),
    RATE_LIMIT: 'off',
    LOG_LEVEL: 'warn',
    ...env,
  };
  let running: ChildProcess | undefined;

  const kill = async (): Promise<void> => {
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
  };

  const start = async (): Promise<void> => {
    let output = '';
    const child = spawn(process.execPath, startArguments(), {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = `${output}${text}`.slice(-10_000);
      });
    }
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await isReady(port))) {
      if (child.exitCode !== null) throw new Error(`The server ended at its start:\n${output}`);
      if (Date.now() > deadline) throw new Error(`The server does not get ready:\n${output}`);
      await delay(50);
    }
  };

  const remove = async (): Promise<void> => {
    await kill();
    await rm(dataDir, { recursive: true, force: true });
  };

  await start();
  return { url, kill, start, remove };
};
