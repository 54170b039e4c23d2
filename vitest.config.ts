import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './src/testing/longest-first.ts';

export default defineConfig({
  test: {
    include: ['src/**/*.test.{ts,tsx}', 'lint/**/*.test.ts', 'bench/**/*.test.ts', 'package/*.test.ts'],
    typecheck: { enabled: true, include: ['src/**/*.test-d.{ts,tsx}'], ignoreSourceErrors: true }, // `npm run types` has those
    testTimeout: 30_000, // for a machine that has other things to do: no test judges by real time
    hookTimeout: 30_000,
    environment: 'node', // a test of the browser side asks for happy-dom by `// @vitest-environment happy-dom`
    globalSetup: ['src/testing/process-setup.ts', 'src/testing/postgres-setup.ts'],
    setupFiles: ['src/testing/console.ts'],
    maxWorkers: availableParallelism() + 1, // much of the time is waiting: for Postgres, and for processes to start
    sequence: { sequencer: LongestFirst },
    restoreMocks: true,
    unstubGlobals: true,
    unstubEnvs: true,
  },
});
