import { mkdirSync } from 'node:fs';

/** The data directory that keeps nothing: everything lives in memory and ends with the process. */
const MEMORY_DATA_DIR = 'memory:';

export const isMemoryDataDir = (dataDir: string): boolean => dataDir === MEMORY_DATA_DIR;

/** Makes the directory, for its owner alone, unless it is there; then its permissions are left as they are. */
export const makeDataDir = (dataDir: string): void => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
};
