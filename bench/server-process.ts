import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod/v4';
import { freePort } from '../src/testing/free-port.ts';

const usageSchema = z.object({
  /** Of all its threads, user and system, since its start. */
  cpuMicroseconds: z.number(),
  /** In bytes. */
  memory: z.object({ rss: z.number(), heapUsed: z.number(), external: z.number(), arrayBuffers: z.number() }),
});

export type Usage = z.infer<typeof usageSchema>;

export interface ServerProcessOptions {
  /** As it is called in messages and profiles. */
  name: string;
  /** The built file that `node` runs. It listens on `HOST` and `PORT`. */
  entry: string;
  /** The built probe. */
  probe: string;
  env?: Record<string, string>;
  /** A path that answers 200 once the server can be measured. */
  readyPath: string;
  /** Where its output goes: a file, as a service's does. */
  folder: string;
  /** For `node`, before the entry. */
  nodeArguments?: readonly string[];
}

export interface ServerProcess {
  name: string;
  origin: string;
  pid: number;
  usage(): Promise<Usage>;
  /** What it holds once the garbage is collected; needs `--expose-gc`. */
  usageAfterCollection(): Promise<Usage>;
  /** Empties the file that it logs into. */
  forgetOutput(): Promise<void>;
  /** Whether it still runs. */
  isAlive(): boolean;
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 10_000;

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

const untilReady = async (child: ChildProcess, url: string): Promise<void> => {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  const isReady = () =>
    fetch(url).then(
      (response) => response.ok,
      () => false,
    );
  while (!(await isReady())) {
    if (hasEnded(child)) throw new Error('It ended at its start.');
    if (performance.now() > deadline) throw new Error('It does not get ready.');
    await delay(20);
  }
};

/** Starts a server in a process of its own, on a free port of loopback, and waits until it is ready. */
export const startServerProcess = async (options: ServerProcessOptions): Promise<ServerProcess> => {
  const { name, entry, probe, env = {}, readyPath, folder, nodeArguments = [] } = options;
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const output = join(folder, `${name}-${port}.log`);
  const file = openSync(output, 'a');
  const child = spawn(process.execPath, [...nodeArguments, '--import', probe, entry], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: String(port),
      PUBLIC_URL: origin,
      ...env,
    },
    stdio: ['ignore', file, file, 'ipc'],
  });
  closeSync(file);
  const { pid } = child;
  /** Its folder goes with the scenario, so what it said last has to be told now. */
  const complaint = async (cause: unknown): Promise<Error> =>
    new Error(`The server ${name} failed. It said: ${(await readFile(output, 'utf8')).slice(-3000)}`, { cause });

  try {
    await untilReady(child, `${origin}${readyPath}`);
  } catch (error) {
    child.kill('SIGKILL');
    throw await complaint(error);
  }
  if (pid === undefined) throw new Error(`The server ${name} has no process.`);

  const ask = async (question: 'usage' | 'collect'): Promise<Usage> => {
    if (hasEnded(child)) throw await complaint(new Error('It has ended.'));
    const answered = once(child, 'message').then(([answer]: unknown[]) => answer);
    child.send(question);
    return usageSchema.parse(await answered);
  };

  return {
    name,
    origin,
    pid,
    usage: () => ask('usage'),
    usageAfterCollection: () => ask('collect'),
    forgetOutput: () => truncate(output),
    isAlive: () => !hasEnded(child),
    stop: async () => {
      if (hasEnded(child)) return;
      const ended = once(child, 'exit');
      child.send('exit');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(late);
    },
  };
};
