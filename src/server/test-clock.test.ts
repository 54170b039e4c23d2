import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTestClock, type TestClock } from './test-clock.ts';

const MINUTE = 60_000;
let folder: string;
let path: string;
let kit: TestClock;

beforeEach(() => {
  vi.useFakeTimers();
  folder = mkdtempSync(join(tmpdir(), 'latchkey-clock-'));
  path = join(folder, 'clock');
  kit = createTestClock(path);
});
afterEach(() => {
  kit.stop();
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

const write = (text: string): void => {
  writeFileSync(path, text);
  vi.advanceTimersByTime(100);
};

test('without a file it is the system’s clock', () => {
  vi.advanceTimersByTime(100);
  expect(kit.clock.now()).toBe(Date.now());
});

test('what the file says is added within 100 ms, and timers that fall due by it go off', () => {
  const { clock } = kit;
  const due = vi.fn<() => void>();
  const later = vi.fn<() => void>();
  const cancelled = vi.fn<() => void>();
  clock.after(10 * MINUTE, due);
  clock.after(10 * MINUTE + 1000, later);
  clock.after(MINUTE, cancelled)();
  const began = clock.monotonic();
  write(`${10 * MINUTE}\n`);
  expect(clock.now()).toBe(Date.now() + 10 * MINUTE);
  expect(clock.monotonic() - began).toBe(10 * MINUTE + 100);
  expect([due, later, cancelled].map((timer) => timer.mock.calls.length)).toEqual([1, 0, 0]);
  vi.advanceTimersByTime(1000);
  expect(later).toHaveBeenCalledTimes(1);
});

test('a smaller number sets the clock back, and no duration', () => {
  write(String(10 * MINUTE));
  const at = kit.clock.monotonic();
  write('0');
  expect(kit.clock.now()).toBe(Date.now());
  expect(kit.clock.monotonic()).toBe(at + 100);
});

test('what is no number changes nothing', () => {
  write(String(MINUTE));
  for (const text of ['', 'soon', '1e9', '1.5']) write(text);
  expect(kit.clock.now()).toBe(Date.now() + MINUTE);
});
