import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What waits, for processes and databases to start, to be away and to come back. */
const LONG = [
  '/package/',
  '/src/faults/',
  '/src/server/stop.test.ts',
  '/src/server/run.test.ts',
  '/server/auth/command/',
];

/**
 * Starts the files that wait long first, so that the others run beside them and none is left for the end. Those that
 * share a process come in a row, for it ends before one that wants its own.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is the sequencer's, and gives a list of its own
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => LONG.some((part) => moduleId.includes(part));
    const isAlone = ({ project }: TestSpecification): boolean => project.config.isolate;
    const longestFirst = [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
    return [...longestFirst.filter((file) => !isAlone(file)), ...longestFirst.filter(isAlone)];
  }
}
