import { defineConfig } from 'vitest/config';

/** `npm run test:nodes`: the package on other runtimes, and with the lowest versions of what it asks for. */
export default defineConfig({ test: { dir: import.meta.dirname, include: ['*.test.ts'] } });
