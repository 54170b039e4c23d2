import type { TestProject } from 'vitest/node';
import { createProcessEntries } from './process-entries.ts';

declare module 'vitest' {
  interface ProvidedContext {
    processEntries: string;
  }
}

/**
 * One build for the whole run of what tests run in processes of their own, and one more before each run in watch mode.
 */
export const setup = async (project: TestProject): Promise<() => void> => {
  const entries = createProcessEntries();
  await entries.build();
  project.onTestsRerun(entries.build);
  project.provide('processEntries', entries.folder);
  return entries.remove;
};
