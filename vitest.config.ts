import { availableParallelism } from 'node:os';
import { defineConfig, type TestUserConfig } from 'vitest/config';
import { LongestFirst } from './src/testing/longest-first.ts';
import { findTestFiles } from './src/testing/test-files.ts';

const { alone, together } = findTestFiles(import.meta.dirname);

const common: TestUserConfig = {
  testTimeout: 30_000, // for a machine that has other things to do: no test judges by real time
  hookTimeout: 30_000,
  environment: 'node', // a test of the browser side asks for happy-dom by `// @vitest-environment happy-dom`
  setupFiles: ['src/testing/console.ts'],
  restoreMocks: true,
  unstubGlobals: true,
  unstubEnvs: true,
};

export default defineConfig({
  test: {
    globalSetup: ['src/testing/process-setup.ts', 'src/testing/postgres-setup.ts'],
    maxWorkers: availableParallelism() + 1, // much of the time is waiting: for Postgres, and for processes to start
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...common,
          name: 'alone',
          include: alone,
          typecheck: {
            enabled: !process.argv.includes('--no-typecheck'), // which does not reach a project by itself
            include: ['src/**/*.test-d.{ts,tsx}'],
            ignoreSourceErrors: true, // `npm run types` has those
          },
        },
      },
      { test: { ...common, name: 'together', include: together, isolate: false } },
    ],
  },
});
