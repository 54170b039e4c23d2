const RETRY_DELAY_MS = 50;

/** Another process holds the file's lock and did not let go within the busy timeout. */
export const isSqliteBusy = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  /^SQLITE_(?:BUSY|LOCKED)/.test(error.code);

export interface BusyRetryOptions {
  /** Waits for some milliseconds. */
  sleep: (ms: number) => Promise<void>;
  /** @default 600 */
  attempts?: number;
}

/**
 * Runs `work` again while another process holds the file: for what happens at start, where waiting is better than
 * failing.
 */
export const retryWhileBusy = async <Result>(
  work: () => Result | Promise<Result>,
  { sleep, attempts = 600 }: BusyRetryOptions,
): Promise<Result> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts || !isSqliteBusy(error)) throw error;
      await sleep(RETRY_DELAY_MS);
    }
  }
};
