import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const MAX_COLUMNS = 120;

/** A line that is a comment and nothing else. Addresses cannot be wrapped, and neither can what a tool reads. */
const isProse = (line: string): boolean =>
  /^\s*(?:\/\/|\/?\*)/.test(line) && !/https?:\/\/\S{60}|oxlint-|@ts-|@typedef|@type/.test(line);

test('a comment is no wider than the code beside it', () => {
  const files = execFileSync('git', ['ls-files', '*.ts', '*.tsx', '*.js'], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean);
  const wide = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, index) => (isProse(line) && line.length > MAX_COLUMNS ? [`${file}:${index + 1}`] : [])),
  );
  expect(files.length).toBeGreaterThan(100);
  expect(wide).toEqual([]);
});
