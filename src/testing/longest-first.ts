import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What waits, for processes and databases to start, to be away and to come back. */
const LONG = ['/src/faults/', '/src/server/stop.test.ts', '/src/server/run.test.ts', '/src/server/user-command/'];

/** Starts the files that wait long first, so that the others run beside them and none is left for the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is the sequencer's, and gives a list of its own
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => LONG.some((part) => moduleId.includes(part));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
