import { hash, type Options, verify } from '@node-rs/argon2';
import { type HashingThread, type HashingWork, startHashingThread } from './hashing-thread.ts';

/** What passwords need of argon2. */
export interface Argon2 {
  hash(password: string, options: Options): Promise<string>;
  verify(hash: string, password: string): Promise<boolean>;
}

/** Argon2 on threads of a low priority where there are any, else on libuv's. */
export interface HashingThreads extends Argon2 {
  /** Starts them, unless they are there, and returns at once. */
  start(): void;
  /** Ends them. They can be started again. */
  stop(): Promise<void>;
}

export interface HashingThreadsOptions {
  size: number;
  startThread?: typeof startHashingThread;
  /** @default whether this is Node.js on Linux, where a thread has a priority of its own */
  isPossible?: boolean;
}

const IS_POSSIBLE = process.platform === 'linux' && process.versions['bun'] === undefined;

/**
 * A storm of logins hashes without a pause, and takes a core from whatever answers requests as often as both want it.
 * With a lower priority it takes what they leave.
 *
 * Where a process can have no such threads, by its permissions, its container or its bundler, libuv's do the same work;
 * and so they do what a thread could not finish.
 */
export const createHashingThreads = (options: HashingThreadsOptions): HashingThreads => {
  const { size, startThread = startHashingThread } = options;
  let { isPossible = IS_POSSIBLE } = options;
  const all = new Set<HashingThread>();
  const idle = new Set<HashingThread>();

  const startOne = (): void => {
    const thread = startThread({
      onReady: () => {
        if (all.has(thread)) idle.add(thread);
      },
      onEnd: () => {
        idle.delete(thread);
        // Ended by nobody: the next one would fare no better.
        if (all.delete(thread)) isPossible = false;
      },
    });
    all.add(thread);
  };

  const run = async (work: HashingWork): Promise<unknown> => {
    const [thread] = idle;
    if (thread === undefined) return undefined;
    idle.delete(thread);
    const answer = await thread.run(work);
    if (all.has(thread)) idle.add(thread);
    return answer;
  };

  return {
    hash: async (password, parameters) => {
      const answer = await run({ name: 'hash', values: [password, parameters] });
      return typeof answer === 'string' ? answer : await hash(password, parameters);
    },
    verify: async (storedHash, password) => {
      const answer = await run({ name: 'verify', values: [storedHash, password] });
      return typeof answer === 'boolean' ? answer : await verify(storedHash, password);
    },
    start: () => {
      if (!isPossible || all.size > 0) return;
      try {
        while (all.size < size) startOne();
      } catch {
        isPossible = false;
      }
    },
    stop: async () => {
      const ending = [...all];
      all.clear();
      idle.clear();
      await Promise.all(ending.map((thread) => thread.end()));
    },
  };
};
