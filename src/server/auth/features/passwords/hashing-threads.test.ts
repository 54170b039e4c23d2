import { readdirSync, readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import * as argon2 from '@node-rs/argon2';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type HashingThread, type HashingThreadListener, startHashingThread } from './hashing-thread.ts';
import { createHashingThreads, type HashingThreads } from './hashing-threads.ts';

/** Little work: what is looked at is where it is done. */
const QUICK = { memoryCost: 64, timeCost: 1, parallelism: 1 } as const;

vi.mock('@node-rs/argon2', { spy: true });

/** How often libuv's threads were asked. The others load a library of their own. */
const onLibuv = (): number => vi.mocked(argon2.hash).mock.calls.length + vi.mocked(argon2.verify).mock.calls.length;

const PRIORITY = 18;

/** The priorities of this process's threads, where 0 is that of most (proc_pid_stat(5), field 19). */
const priorities = (): number[] =>
  readdirSync('/proc/self/task').map((thread) => {
    const [, fields = ''] = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8').split(/\) (?=\w )/);
    return Number(fields.split(' ')[PRIORITY - 2]);
  });

let threads: HashingThreads;
let becomesReady: Promise<void>;
let becomesEnded: Promise<void>;

/** Threads whose worker is another one, if it is given, and whose start and end can be waited for. */
const create = (size: number, startWorker?: () => Worker): HashingThreads => {
  let left = size;
  let isReady = (): void => {};
  let isEnded = (): void => {};
  becomesReady = new Promise((resolve) => {
    isReady = resolve;
  });
  becomesEnded = new Promise((resolve) => {
    isEnded = resolve;
  });
  const startThread = ({ onReady, onEnd }: HashingThreadListener): HashingThread => {
    const listener = {
      onReady: () => {
        onReady();
        left -= 1;
        if (left === 0) isReady();
      },
      onEnd: () => {
        onEnd();
        isEnded();
      },
    };
    return startWorker === undefined ? startHashingThread(listener) : startHashingThread(listener, startWorker);
  };
  threads = createHashingThreads({ size, startThread, isPossible: true });
  return threads;
};

beforeEach(() => {
  vi.mocked(argon2.hash).mockClear();
  vi.mocked(argon2.verify).mockClear();
});
afterEach(() => threads.stop());

const isRight = async (): Promise<boolean> => {
  const hash = await threads.hash('correct horse', QUICK);
  return (await threads.verify(hash, 'correct horse')) && !(await threads.verify(hash, 'another horse'));
};

test.runIf(process.platform === 'linux')(
  'passwords are hashed by threads that leave a core to others, and by libuv’s before and after them',
  async () => {
    const lowered = Math.min(Math.min(...priorities()) + 10, 19);
    create(2);
    expect(await isRight()).toBe(true);
    expect(onLibuv()).toBe(3);

    threads.start();
    await becomesReady;
    expect(priorities().filter((priority) => priority === lowered)).toHaveLength(2);
    expect(await isRight()).toBe(true);
    expect(await Promise.all([isRight(), isRight()])).toEqual([true, true]);
    expect(onLibuv()).toBe(3);

    await threads.stop();
    expect(priorities().filter((priority) => priority === lowered)).toHaveLength(0);
    expect(await isRight()).toBe(true);
    expect(onLibuv()).toBe(6);
  },
);

const programOf = (program: string) => () =>
  new Worker(`const { parentPort } = require('node:worker_threads');\n${program}`, { eval: true, stderr: true });

test.each([
  ['is never ready', `setInterval(() => {}, 1e6);`],
  ['throws as it begins', `throw new Error('There is no /proc here.');`],
  [
    'cannot do its work',
    `parentPort.on('message', () => parentPort.postMessage(null)); parentPort.postMessage('ready');`,
  ],
  [
    'ends in the middle of its work',
    `parentPort.on('message', () => process.exit(1)); parentPort.postMessage('ready');`,
  ],
])('where a thread %s, libuv’s do its work', async (_what, program) => {
  create(1, programOf(program));
  threads.start();
  if (program.includes('ready')) await becomesReady;
  if (program.includes('throw')) await becomesEnded;
  expect(await isRight()).toBe(true);
  expect(onLibuv()).toBe(3);
});

test('a process that may have no threads, and one whose threads end by themselves, try it once', async () => {
  const refuse = vi.fn<() => Worker>(() => {
    throw new Error('Access to this API has been restricted');
  });
  create(2, refuse);
  threads.start();
  threads.start();
  expect(refuse).toHaveBeenCalledOnce();
  expect(await isRight()).toBe(true);

  const fail = vi.fn<() => Worker>(programOf(`process.exit(1);`));
  create(1, fail);
  threads.start();
  await becomesEnded;
  threads.start();
  expect(fail).toHaveBeenCalledOnce();
  expect(await isRight()).toBe(true);
});

test('what is stopped while it starts does not come back', async () => {
  create(1);
  threads.start();
  await threads.stop();
  expect(await isRight()).toBe(true);
  expect(onLibuv()).toBe(3);
});
