import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { runCommand } from './run-command.ts';

const loaded = vi.hoisted(() => vi.fn<() => void>());

vi.mock('../features/passwords/index.ts', async (importActual) => {
  loaded();
  return await importActual<object>();
});

test('what hashes passwords is loaded by the commands that set one, and by no other', async () => {
  const DATA_DIR = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
  const run = async (...args: string[]): Promise<number> => {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    stdin.end('correct horse battery staple');
    return await runCommand(args, { DATA_DIR }, { stdin, stdout, stderr });
  };
  expect(await run('migrate')).toBe(0);
  expect(await run('user', 'list')).toBe(0);
  expect(loaded).not.toHaveBeenCalled();
  expect(await run('user', 'create', 'ada', 'ada@mail.example')).toBe(0);
  expect(loaded).toHaveBeenCalledOnce();
  rmSync(DATA_DIR, { recursive: true });
});
