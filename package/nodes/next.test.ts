import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Browser, chromium } from '@playwright/test';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHROMIUM_ARGS, ensureChromium } from '#testing/chromium.ts';
import { freePort } from '#testing/free-port.ts';
import { installExample } from './runtimes.ts';
import { TARBALL } from './tarball.ts';

const run = promisify(execFile);

const SLOW = 600_000;

/** The example of Next.js as it is deployed. In development it is a test of the browser's. */
let folder: string;
let url: string;
let server: ChildProcess;
let browser: Browser;

const untilItAnswers = async (): Promise<void> => {
  while (
    !(await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (server.exitCode !== null) throw new Error('Next.js ended at its start.');
    await delay(100);
  }
};

beforeAll(async () => {
  folder = await installExample('next', TARBALL);
  const next = join(folder, 'node_modules/next/dist/bin/next');
  const port = await freePort();
  url = `http://localhost:${port}`;
  const env = { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', PORT: String(port) };
  await run(process.execPath, ['node_modules/latchkey/lib/server/auth/command/main.js', 'secrets', '--into', '.env'], {
    cwd: folder,
  });
  await run(process.execPath, [next, 'build'], { cwd: folder, env });
  server = spawn(process.execPath, [next, 'start', '-H', '127.0.0.1'], { cwd: folder, env, stdio: 'inherit' });
  await untilItAnswers();
  browser = await chromium.launch({ executablePath: ensureChromium(), args: CHROMIUM_ARGS });
}, SLOW);
afterAll(async () => {
  await browser?.close();
  server?.kill();
  if (server?.exitCode === null) await once(server, 'exit');
});

test('a build has a copy of the stack for each router', async () => {
  const output = join(folder, '.next/server');
  const names = await readdir(output, { recursive: true });
  const chunks = names.filter((name) => name.endsWith('.js'));
  const texts = await Promise.all(chunks.map((name) => readFile(join(output, name), 'utf8')));
  expect(texts.filter((text) => text.includes('latchkey.refusal')).length).toBeGreaterThan(1);
});

test(
  'somebody signs up, is known to the pages of both routers, and signs out of both',
  async () => {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));

    await page.goto(url);
    await page.getByText('I am new here').click();
    await page.getByLabel('Username').fill('ada');
    await page.getByLabel('E-mail').fill('ada@mail.example');
    await page.getByLabel('Password').fill('correct horse battery staple');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByText('Hello, ada', { exact: true }).waitFor();

    for (const address of [url, `${url}/classic`]) {
      const response = await page.goto(address);
      expect(await response?.text()).toContain('<h1>ada</h1>');
      expect(response?.headers()['cache-control']).toContain('no-store');
      await page.getByText('Hello, ada', { exact: true }).waitFor();
    }
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    for (const address of [url, `${url}/classic`]) {
      const response = await page.goto(address);
      expect(await response?.text()).not.toContain('ada@mail.example');
      await page.getByRole('button', { name: 'Sign in' }).waitFor();
    }
    expect(complaints).toEqual([]);
  },
  SLOW,
);
