import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { z } from 'zod/v4';
import { processEntry } from './process-entry.ts';

const usageSchema = z.object({ heapUsed: z.number(), rss: z.number(), handles: z.number() });

/** What a process holds, in bytes after a collection of garbage, and how many sockets, timers and the like. */
export type Usage = z.infer<typeof usageSchema>;

export interface ServerProcess {
  url: string;
  usage(): Promise<Usage>;
  /** Ends it without a word, as a power cut does. */
  kill(): Promise<void>;
}

const exited = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
};

/** Starts a server with these variables on a free port. */
export const startServerProcess = async (env: Record<string, string>): Promise<ServerProcess> => {
  const child = spawn(process.execPath, ['--expose-gc', '--enable-source-maps', processEntry('server')], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const lines = createInterface({ input: child.stdout ?? Readable.from([]) });
  const port = await Promise.race([
    once(lines, 'line').then(([line]) => String(line)),
    once(child, 'exit').then(() => Promise.reject(new Error('The server ended at its start.'))),
  ]);
  return {
    url: `http://127.0.0.1:${port}`,
    usage: async () => {
      const answer = once(child, 'message').then((messages: unknown[]) => usageSchema.parse(messages[0]));
      child.send('usage');
      return await answer;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited(child);
    },
  };
};
