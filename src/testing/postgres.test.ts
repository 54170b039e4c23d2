import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { runOnPostgres } from './run-on-postgres.ts';

const MODULE = fileURLToPath(new URL('./postgres.ts', import.meta.url));

const SCRIPT = `
  const { startPostgres } = await import(${JSON.stringify(MODULE)});
  const { url } = await startPostgres({ fsync: true });
  process.stdout.write(url);
  setInterval(() => {}, 60_000);
`;

test('a server does not outlive the process that started it, however that ends, nor do its files', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', SCRIPT], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = await once(child.stdout.setEncoding('utf8'), 'data').then(([text]) => [String(text)]);
  if (!url) throw new Error('No address came.');
  expect(await runOnPostgres(url, 'show fsync')).toEqual([{ fsync: 'on' }]);
  const [directory] = await runOnPostgres(url, 'show data_directory');
  const folder = String(Object.values(directory ?? {})[0]);
  expect(existsSync(folder)).toBe(true);

  child.kill('SIGKILL');
  await vi.waitFor(() => expect(existsSync(folder)).toBe(false), { timeout: 10_000 });
  await expect(runOnPostgres(url, 'select 1')).rejects.toThrow('ECONNREFUSED');
}, 30_000);
