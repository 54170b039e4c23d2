import { expect, test, vi } from 'vitest';
import { reasonOf } from '../../refusal.ts';
import type { PasswordHasher } from './argon2.ts';
import { createHasherPool, hashesAtOnce } from './hasher-pool.ts';

/** Passwords that are hashed when they are told to be. */
const createHeld = () => {
  const held: { finish: () => void }[] = [];
  const hashed: string[] = [];
  let most = 0;
  const work = (password: string): Promise<void> =>
    new Promise((resolve) => {
      const one = {
        finish: () => {
          held.splice(held.indexOf(one), 1);
          resolve();
        },
      };
      held.push(one);
      hashed.push(password);
      most = Math.max(most, held.length);
    });
  const passwords: PasswordHasher = {
    hash: async (password) => {
      await work(password);
      return password;
    },
    verify: async (hash, password) => {
      await work(password);
      return hash === password;
    },
    isOutdated: () => false,
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const finishAll = async (): Promise<void> => {
    await settle();
    while (held.length > 0) {
      held[0]?.finish();
      await settle();
    }
  };
  return { passwords, hashed: () => hashed, most: () => most, settle, finishAll };
};

test.each([
  [1, undefined, 1],
  [2, undefined, 1],
  [4, undefined, 3],
  [6, undefined, 3],
  [64, undefined, 3],
  [64, '16', 15],
  [8, '16', 7],
  [8, '1', 1],
  [8, '0', 1],
  [8, '', 1],
  [8, 'many', 1],
  [8, '-1', 7],
  [2000, '5000', 1023],
])(
  'with %i cores, and UV_THREADPOOL_SIZE %s, %i are hashed at once: a core and a thread are left to others',
  (cores, threads, expected) => {
    expect(hashesAtOnce(cores, threads)).toBe(expected);
  },
);

test('whatever hashes passwords is given no more at once than the pool may, and all in the end', async () => {
  const { passwords, most, finishAll } = createHeld();
  const pool = createHasherPool(passwords, { concurrency: 3 });
  const all = Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      index % 2 ? pool.hash(String(index)) : pool.verify(String(index), String(index)),
    ),
  );
  await finishAll();
  expect(await all).toHaveLength(40);
  expect(most()).toBe(3);
});

test('whoever makes the pool is told when a password has to wait, and not before', async () => {
  const { passwords, finishAll } = createHeld();
  const onWait = vi.fn<() => void>();
  const pool = createHasherPool(passwords, { concurrency: 2, onWait });
  const all = [pool.hash('first'), pool.hash('second')];
  expect(onWait).not.toHaveBeenCalled();
  all.push(pool.hash('third'));
  expect(onWait).toHaveBeenCalledOnce();
  await finishAll();
  expect(await Promise.all(all)).toHaveLength(3);
});

test('what nobody waits for any more when its turn comes is not hashed, and makes room', async () => {
  const { passwords, hashed, settle, finishAll } = createHeld();
  const pool = createHasherPool(passwords, { concurrency: 1 });
  const waits = new Set(['second', 'third']);
  const first = pool.hash('first');
  const others = ['second', 'third'].map((password) => pool.verify(password, password, () => waits.has(password)));
  await settle();
  expect([hashed(), pool.waiting()]).toEqual([['first'], 2]);
  waits.delete('second');
  const answers = Promise.allSettled([first, ...others]);
  await finishAll();
  expect((await answers).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(hashed()).toEqual(['first', 'third']);
});

test('beyond a thousand that wait one is refused before it is counted or looked up, and there is room again later', async () => {
  const { passwords, finishAll } = createHeld();
  const pool = createHasherPool(passwords, { concurrency: 1 });
  const taken = Array.from({ length: 1001 }, () => pool.hash('x'));
  expect(pool.waiting()).toBe(1000);
  expect(() => pool.ensureRoom()).toThrow(expect.objectContaining({ code: 'SERVICE_UNAVAILABLE' }));
  expect(await pool.hash('x').catch(reasonOf)).toBe('unavailable');
  await finishAll();
  expect(await Promise.all(taken)).toHaveLength(1001);
  pool.ensureRoom();
});
