import { holdServerLock } from './server-lock.ts';

/** A process of `server-lock.test.ts`. */
try {
  const lock = holdServerLock(process.argv[2] ?? '');
  process.send?.('held');
  // Longer than any test, and what keeps the lock from being collected.
  setTimeout(() => lock.release(), 600_000);
} catch (error) {
  process.send?.(String(error));
}
