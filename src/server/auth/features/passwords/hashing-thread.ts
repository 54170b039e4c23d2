import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

/** How much nicer a thread is than its process: it gets a tenth of a core that somebody else wants as well. */
const NICER_BY = 10;

/**
 * A text and no file, so that it works from sources, from the built package and from whatever a bundler makes of it. It
 * says `ready`, then answers one piece of work after the other; null is an error.
 */
const PROGRAM = `
const { readlinkSync } = require('node:fs');
const { getPriority, setPriority } = require('node:os');
const { basename } = require('node:path');
const { parentPort, workerData } = require('node:worker_threads');
const { hashSync, verifySync } = require(workerData.argon2);
const thread = Number(basename(readlinkSync('/proc/thread-self')));
setPriority(thread, Math.min(getPriority(thread) + workerData.nicerBy, 19));
const work = { hash: hashSync, verify: verifySync };
parentPort.on('message', ({ name, values }) => {
  let answer = null;
  try {
    answer = work[name](...values);
  } catch {}
  parentPort.postMessage(answer);
});
parentPort.postMessage('ready');
`;

const startWorker = (): Worker =>
  new Worker(PROGRAM, {
    eval: true,
    workerData: { argon2: createRequire(import.meta.url).resolve('@node-rs/argon2'), nicerBy: NICER_BY },
    // Neither what the process preloads nor its secrets.
    execArgv: [],
    env: {},
    // The memory that argon2 takes is none of the engine's.
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
  });

export interface HashingWork {
  name: 'hash' | 'verify';
  values: readonly unknown[];
}

/** A thread that hashes at a low priority, one password at a time. */
export interface HashingThread {
  /** @returns null when it was not done. */
  run(work: HashingWork): Promise<unknown>;
  end(): Promise<unknown>;
}

export interface HashingThreadListener {
  onReady(): void;
  /** Also when it was never ready. */
  onEnd(): void;
}

/** @throws whatever keeps this process from having threads, such as its permissions. */
export const startHashingThread = (
  { onReady, onEnd }: HashingThreadListener,
  start: () => Worker = startWorker,
): HashingThread => {
  const worker = start();
  let settle: ((answer: unknown) => void) | undefined;
  worker.on('message', (answer: unknown) => {
    worker.unref();
    if (settle === undefined) onReady();
    else settle(answer);
  });
  worker.on('error', () => undefined); // Its exit follows.
  worker.on('exit', () => {
    onEnd();
    settle?.(null);
  });
  worker.unref();
  return {
    run: (work) =>
      new Promise((resolve) => {
        settle = resolve;
        // Whoever waits for a hash keeps the process alive; a thread with nothing to do does not.
        worker.ref();
        worker.postMessage(work);
      }),
    end: () => worker.terminate(),
  };
};
