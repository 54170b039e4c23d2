import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseUnavailableError } from 'latchkey/server';
import { afterAll, expect, test } from 'vitest';
import { explainDataDir } from './data-dir.ts';
import { holdServerLock } from './server-lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-data-dir-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['ENOSPC', 'no room'],
  ['EDQUOT', 'no room'],
  ['SQLITE_FULL', 'no room'],
  ['EROFS', 'read-only'],
  ['SQLITE_READONLY_DIRECTORY', 'read-only'],
  ['EACCES', 'may not write'],
  ['EPERM', 'may not write'],
  ['SQLITE_CANTOPEN', 'may not write'],
  ['ENOTDIR', 'no such directory'],
  ['EIO', 'its disk fails'],
  ['SQLITE_IOERR_WRITE', 'its disk fails'],
  ['SQLITE_NOTADB', 'damaged'],
])('%s is said in one line', (code, words) => {
  const error = explainDataDir(Object.assign(new Error('several\nlines'), { code }), '/data');
  expect(error).toBeInstanceOf(DatabaseUnavailableError);
  expect(String(error)).toMatch(
    new RegExp(`^DatabaseUnavailableError: The data directory /data cannot be used: .*${words}.* \\(${code}\\)\\.$`),
  );
});

test('anything else is a defect, and stays what it was', () => {
  for (const error of [new Error('no'), Object.assign(new Error('no'), { code: 'SQLITE_ERROR' }), 'no']) {
    expect(explainDataDir(error, '/data')).toBe(error);
  }
});

test.runIf(process.platform === 'linux')('a disk without room leaves no lock behind', () => {
  symlinkSync('/dev/full', join(folder, 'server.pid'));
  expect(() => holdServerLock(folder)).toThrow(
    `The data directory ${folder} cannot be used: there is no room on its disk (ENOSPC).`,
  );
  rmSync(join(folder, 'server.pid'), { force: true });
  holdServerLock(folder).release();
});

test('a directory that cannot be made is said', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => holdServerLock(join(folder, 'file', 'data'))).toThrow(/cannot be used: there is no such directory/);
});
