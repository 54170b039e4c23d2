import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { ProcessEntry } from './process-entries.ts';
import { processEntry } from './process-entry.ts';

export interface ServerChild {
  child: ChildProcessByStdio<null, Readable, Readable>;
  stdout: () => string;
  stderr: () => string;
  /** The exit code and the signal, once both outputs are closed as well. */
  ended: Promise<unknown[]>;
}

export interface ServerChildOptions {
  /** Default: that of the tests. */
  cwd?: string;
  /** Default: Node.js, which runs the entry as it was built. */
  command?: readonly [string, ...string[]];
  /** Default: false, for a process in the tests' own group. */
  detached?: boolean;
}

const children: ServerChild[] = [];

/** For `afterEach`: what a test started does not outlive it. */
export const endServerChildren = async (): Promise<void> => {
  for (const { child, ended } of children.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
};

/** A process with these variables and no others, whose data is in memory unless they say something else. */
export const startServerChild = (
  entry: ProcessEntry,
  env: Record<string, string>,
  { cwd, command = [process.execPath, processEntry(entry)], detached = false }: ServerChildOptions = {},
): ServerChild => {
  const [program, ...args] = command;
  const child = spawn(program, args, {
    env: { PATH: process.env.PATH, DATA_DIR: 'memory:', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd,
    detached,
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    texts.stderr += text;
  });
  const started = { child, stdout: () => texts.stdout, stderr: () => texts.stderr, ended: once(child, 'close') };
  children.push(started);
  return started;
};
