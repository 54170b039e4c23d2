import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { processEntry } from '#testing/process-entry.ts';
import { holdServerLock } from './server-lock.ts';

let dataDir: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

/** A process that takes the lock, tells how that went, and stays. */
const startHolder = async (): Promise<{ child: ChildProcess; outcome: unknown }> => {
  const child = fork(processEntry('lock-holder'), [dataDir], { execArgv: [] });
  children.push(child);
  const messages: unknown[] = await once(child, 'message');
  return { child, outcome: messages[0] };
};

test('a second server on the same data directory is refused in one line that names the first', async () => {
  const lock = holdServerLock(dataDir);
  const { outcome } = await startHolder();
  expect(outcome).toBe(
    `ServerLockedError: Another server (process ${process.pid}) runs on ${dataDir}. Stop it first, or give this one a DATA_DIR of its own.`,
  );
  expect(() => holdServerLock(dataDir)).toThrow('Another server');
  lock.release();
});

test('the lock of a server that was killed is free at once', async () => {
  const { child, outcome } = await startHolder();
  expect(outcome).toBe('held');
  expect(() => holdServerLock(dataDir)).toThrow(`(process ${child.pid})`);

  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(existsSync(join(dataDir, 'server.pid'))).toBe(true);
  holdServerLock(dataDir).release();
});

test('the id of a process that lives, left behind by a server that does not, keeps nobody out', () => {
  writeFileSync(join(dataDir, 'server.pid'), String(process.ppid));
  const lock = holdServerLock(dataDir);
  lock.release();
  expect(existsSync(join(dataDir, 'server.pid'))).toBe(false);
});

test('of several servers that start at the same moment on what a killed one left, exactly one runs', async () => {
  const { child } = await startHolder();
  child.kill('SIGKILL');
  await once(child, 'exit');
  const started = await Promise.all([startHolder(), startHolder(), startHolder()]);
  expect(started.filter(({ outcome }) => outcome === 'held')).toHaveLength(1);
});

test('a released lock can be taken again, and releasing twice takes it from nobody', () => {
  const first = holdServerLock(dataDir);
  first.release();
  const second = holdServerLock(dataDir);
  first.release();
  expect(() => holdServerLock(dataDir)).toThrow('Another server');
  second.release();
});

test('servers in memory: do not know of each other', () => {
  const first = holdServerLock('memory:');
  const second = holdServerLock('memory:');
  expect(second).not.toBe(first);
});
