import { defineConfig } from 'vitest/config';

/**
 * `npm run test:nodes`: the package on other runtimes, with the lowest versions of what it asks for, and in a build of
 * Next.js.
 */
export default defineConfig({
  test: {
    dir: import.meta.dirname,
    include: ['*.test.ts'],
    globalSetup: [`${import.meta.dirname}/tarball.ts`],
    fileParallelism: false,
  },
});
