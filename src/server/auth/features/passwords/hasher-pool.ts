import { availableParallelism } from 'node:os';
import { TRPCError } from '@trpc/server';
import pLimit from 'p-limit';
import { refuse } from '../../refusal.ts';
import { createArgon2Hasher, type PasswordHasher } from './argon2.ts';
import { createHashingThreads } from './hashing-threads.ts';
import { type VerifyLegacyHash, withLegacyHashes } from './legacy-hashes.ts';

/** Whether somebody still waits for the answer. */
type IsWanted = () => boolean;

/** Passwords that are hashed in this process, so many at once and the others in their turn. */
export interface HasherPool extends PasswordHasher {
  /**
   * @throws `unavailable` when too many wait, and CLIENT_CLOSED_REQUEST when nobody wants it any more once its turn has
   * come.
   */
  hash(password: string, isWanted?: IsWanted): Promise<string>;
  /** @throws as `hash` does */
  verify(hash: string | undefined, password: string, isWanted?: IsWanted): Promise<boolean>;
  /** How many wait for their turn. */
  waiting(): number;
  /** @throws `unavailable` when too many wait already. */
  ensureRoom(): void;
  /** Lets go of what it holds beside memory. It can be used after that as well. */
  stop?(): Promise<void>;
}

/** How many passwords may wait for their turn: beyond, nobody would wait so long (ASVS 15.2.2). */
const MAX_WAITING = 1000;

const DEFAULT_THREADS = 4;
const MAX_THREADS = 1024;

/** The threads that libuv starts, by `UV_THREADPOOL_SIZE` as it reads it (`uv_threadpool`). */
const threadsOf = (variable: string | undefined): number => {
  if (variable === undefined) return DEFAULT_THREADS;
  const count = Number.parseInt(variable, 10) || 1;
  return count < 0 ? MAX_THREADS : Math.min(count, MAX_THREADS);
};

/**
 * How many passwords are hashed at once: one less than the cores, so that a storm of logins starves nobody else, and
 * one less than the threads of libuv, where files and DNS wait in the same line.
 */
export const hashesAtOnce = (cores: number, threadPoolSize: string | undefined): number =>
  Math.max(1, Math.min(cores, threadsOf(threadPoolSize)) - 1);

/** As the process was started with. What is set later, by a file of variables too, comes when the threads are there. */
const { UV_THREADPOOL_SIZE } = process.env;

export interface HasherPoolOptions {
  /** How many passwords are hashed at once. @default hashesAtOnce */
  concurrency?: number;
  /** Called when a password has to wait for its turn. */
  onWait?: () => void;
}

const defaultConcurrency = (): number => hashesAtOnce(availableParallelism(), UV_THREADPOOL_SIZE);

/** Bounds whatever hashes passwords: an app's own as well. */
export const createHasherPool = (
  passwords: PasswordHasher,
  { concurrency = defaultConcurrency(), onWait }: HasherPoolOptions = {},
): HasherPool => {
  const pool = pLimit(concurrency);

  const ensureRoom = (): void => {
    if (pool.pendingCount >= MAX_WAITING) throw refuse('unavailable');
  };

  const inTurn = async <TResult>(work: () => Promise<TResult>, isWanted: IsWanted = () => true): Promise<TResult> => {
    ensureRoom();
    if (pool.activeCount >= concurrency) onWait?.();
    return await pool(() => {
      if (!isWanted()) throw new TRPCError({ code: 'CLIENT_CLOSED_REQUEST' });
      return work();
    });
  };

  return {
    hash: (password, isWanted) => inTurn(() => passwords.hash(password), isWanted),
    verify: (hash, password, isWanted) => inTurn(() => passwords.verify(hash, password), isWanted),
    isOutdated: (hash) => passwords.isOutdated(hash),
    waiting: () => pool.pendingCount,
    ensureRoom,
  };
};

/** Whether an app has bounded its passwords already. */
const isPool = (passwords: PasswordHasher): passwords is HasherPool =>
  'ensureRoom' in passwords && 'waiting' in passwords;

export const poolOf = (passwords: PasswordHasher): HasherPool =>
  isPool(passwords) ? passwords : createHasherPool(passwords);

export interface Argon2PoolOptions extends HasherPoolOptions {
  /** Verifies hashes that are none of argon2's. */
  verifyLegacyHash?: VerifyLegacyHash;
}

/** Argon2id, within its bounds, and on threads of a low priority from when a password has to wait for its turn. */
export const createArgon2Pool = (options: Argon2PoolOptions = {}): HasherPool => {
  const { concurrency = defaultConcurrency(), verifyLegacyHash } = options;
  const threads = createHashingThreads({ size: concurrency });
  const argon2 = createArgon2Hasher(threads);
  const hasher = verifyLegacyHash === undefined ? argon2 : withLegacyHashes(argon2, verifyLegacyHash);
  return { ...createHasherPool(hasher, { concurrency, onWait: threads.start }), stop: threads.stop };
};
