import { onTestFinished } from 'vitest';

/** Collects unhandled rejections until the test has finished, in place of the test runner. */
export const collectRejections = (): unknown[] => {
  const collected: unknown[] = [];
  const before = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', (error) => collected.push(error));
  onTestFinished(() => {
    process.removeAllListeners('unhandledRejection');
    for (const listener of before) process.on('unhandledRejection', listener);
  });
  return collected;
};
