import type * as argon2 from '@node-rs/argon2';
import { expect, test, vi } from 'vitest';
import { createArgon2Pool } from './hasher-pool.ts';

/** Passes over memory, in KiB: what the time of a hash is made of. */
let work = 0;

vi.mock('@node-rs/argon2', async (importActual) => {
  const actual = await importActual<typeof argon2>();
  const count = (memoryCost: number, timeCost: number): void => {
    work += memoryCost * timeCost;
  };
  return {
    hash: (password: string, options: argon2.Options) => {
      count(options.memoryCost ?? Number.NaN, options.timeCost ?? Number.NaN);
      return actual.hash(password, options);
    },
    verify: (stored: string, password: string) => {
      const [, memory, time] = /m=(\d+),t=(\d+)/.exec(stored) ?? [];
      count(Number(memory), Number(time));
      return actual.verify(stored, password);
    },
  };
});

const TODAY = 19_456 * 2;
const PASSWORD = 'somebody’s password';
const passwords = createArgon2Pool({ concurrency: 1 });

const hashedWith = async (memoryCost: number, timeCost: number): Promise<string> => {
  const { hash } = await vi.importActual<typeof argon2>('@node-rs/argon2');
  return hash(PASSWORD, { memoryCost, timeCost, parallelism: 1 });
};

const workOf = async (stored: string | undefined, password: string): Promise<number> => {
  work = 0;
  await passwords.verify(stored, password);
  return work;
};

test.each([
  ['today’s parameters', 19_456, 2],
  ['a fifth of the memory', 4096, 3],
  ['a single pass', 19_456, 1],
  ['almost none', 8, 1],
])('a wrong password costs the same work with a hash of %s as with none', async (_what, memoryCost, timeCost) => {
  const stored = await hashedWith(memoryCost, timeCost);
  expect(await workOf(undefined, 'wrong')).toBe(TODAY);
  expect(await workOf(stored, 'wrong')).toBeGreaterThan(TODAY - 20);
  expect(await workOf(stored, 'wrong')).toBeLessThanOrEqual(TODAY);
});

test('a hash that costs little still says what is right', async () => {
  const stored = await hashedWith(4096, 3);
  expect(await passwords.verify(stored, PASSWORD)).toBe(true);
  expect(await passwords.verify(stored, 'wrong')).toBe(false);
});

test('with a hash of more work than today’s it takes longer, which nothing can mend', async () => {
  expect(await workOf(await hashedWith(47_104, 1), 'wrong')).toBe(47_104);
});
