import { createLog, type Log } from '#server/log/log.ts';

export type LogRecord = Record<string, unknown>;

export interface TestLog {
  log: Log;
  /** Everything that was written, as it would be in a file. */
  text(): string;
  records(): LogRecord[];
}

const isRecord = (value: unknown): value is LogRecord => typeof value === 'object' && value !== null;

/** The app's own log, written to memory. */
export const createTestLog = (level = 'trace'): TestLog => {
  const lines: string[] = [];
  const log = createLog({ level, destination: { write: (line) => void lines.push(line) } });
  return {
    log,
    text: () => lines.join(''),
    records: () => lines.map((line): unknown => JSON.parse(line)).filter(isRecord),
  };
};
