import { createRequire, syncBuiltinESMExports } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import workerThreads from 'node:worker_threads';

/**
 * Preloaded into the built server to compare it with itself: it can have no threads, so that it hashes on libuv's; and
 * with `HASH_MS` it does not hash at all, but waits so long.
 */
Object.defineProperty(workerThreads, 'Worker', { value: undefined });
syncBuiltinESMExports();

const milliseconds = Number(process.env['HASH_MS']);
if (milliseconds > 0) {
  const argon2: unknown = createRequire(process.argv[1] ?? '')('@node-rs/argon2');
  if (typeof argon2 === 'object' && argon2 !== null) Reflect.set(argon2, 'verify', () => delay(milliseconds, true));
}
