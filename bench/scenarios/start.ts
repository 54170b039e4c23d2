import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from '@playwright/test';
import { createTestSecret } from '../../src/testing/auth.ts';
import { CHROMIUM_ARGS, ensureChromium } from '../../src/testing/chromium.ts';
import { freePort } from '../../src/testing/free-port.ts';
import { BUILT } from '../build.ts';
import type { BenchContext } from '../context.ts';
import type { Row } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import { spreadOf } from '../statistics.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** How often a server that starts is asked whether it answers: the resolution of what is measured. */
const ASK_EVERY_MS = 5;
const PATIENCE_MS = 60_000;

interface Start {
  origin: string;
  /** As `Date.now()` has it. */
  startedAt: number;
  stop(): Promise<void>;
}

/** In a process group of its own, so that npm and what it runs end together. */
const stopGroup = async (child: ChildProcess): Promise<void> => {
  if (child.pid === undefined || child.exitCode !== null) return;
  const ended = once(child, 'exit');
  process.kill(-child.pid, 'SIGTERM');
  await ended;
};

const launch = async (script: 'start' | 'dev', cwd: string, env: Record<string, string>): Promise<Start> => {
  const port = await freePort();
  const startedAt = Date.now();
  const child = spawn('npm', ['run', '--silent', script], {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: String(port), LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  });
  return { origin: `http://localhost:${port}`, startedAt, stop: () => stopGroup(child) };
};

const untilAnswered = async (url: string): Promise<void> => {
  const deadline = performance.now() + PATIENCE_MS;
  const answers = () =>
    fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await answers())) {
    if (performance.now() > deadline) throw new Error(`${url} does not answer.`);
    await delay(ASK_EVERY_MS);
  }
};

/** A folder with the script of package.json, which runs what this benchmark has built. */
const createInstallation = async (context: BenchContext): Promise<string> => {
  const folder = await context.createFolder();
  const scripts = { start: `exec node --enable-source-maps ${BUILT.latchkey}` };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, scripts }));
  return folder;
};

const production = async (context: BenchContext, store: 'SQLite' | 'Postgres', times: number): Promise<Row> => {
  const folder = await createInstallation(context);
  const env = {
    ACCESS_TOKEN_SECRET: createTestSecret(),
    REFRESH_TOKEN_SECRET: createTestSecret(),
    DATA_SECRET: createTestSecret(),
    DATA_DIR: join(folder, 'data'),
    ...(store === 'Postgres' && { DATABASE_URL: await context.createDatabase() }),
  };
  const milliseconds: number[] = [];
  // The first start makes the tables, and is left out.
  for (let round = -1; round < times; round += 1) {
    const server = await launch('start', folder, env);
    try {
      await untilAnswered(`${server.origin}/readyz`);
      if (round >= 0) milliseconds.push(Date.now() - server.startedAt);
    } finally {
      await server.stop();
    }
  }
  return {
    what: `npm start to first answer of /readyz, ${store}`,
    unit: 'ms',
    ours: spreadOf(milliseconds),
    target: { atMost: 1000 },
  };
};

/** When the first content of the page was painted, by the browser's own record. */
const firstPaint = async (browser: Browser, origin: string): Promise<number> => {
  const page = await browser.newPage();
  await page.goto(origin);
  // The record is read late and is exact all the same. Vite loads a page again when it has prepared a library.
  const painted = await page.waitForFunction(() => {
    const [entry] = performance.getEntriesByName('first-contentful-paint');
    return entry && performance.timeOrigin + entry.startTime;
  });
  const paintedAt = Number(await painted.jsonValue());
  await page.close();
  return paintedAt;
};

const development = async (context: BenchContext, times: number): Promise<Row> => {
  const browser = await chromium.launch({ executablePath: ensureChromium(), args: CHROMIUM_ARGS });
  context.onEnd(() => browser.close());
  const milliseconds: number[] = [];
  // The first start has Vite prepare the libraries, once for each version of them, and is left out.
  for (let round = -1; round < times; round += 1) {
    const server = await launch('dev', ROOT, { DATA_DIR: await context.createFolder() });
    try {
      await untilAnswered(`${server.origin}/healthz`);
      const paintedAt = await firstPaint(browser, server.origin);
      if (round >= 0) milliseconds.push(paintedAt - server.startedAt);
    } finally {
      await server.stop();
    }
  }
  return {
    what: 'npm run dev to first painted page in Chromium, new database',
    unit: 'ms',
    ours: spreadOf(milliseconds),
    target: { atMost: 3000 },
  };
};

export const start: Scenario = {
  name: 'start',
  title: 'From the command to the first answer, and to the first page that somebody sees.',
  run: async (context) => {
    const times = context.quick ? 1 : 7;
    return [
      await production(context, 'SQLite', times),
      await production(context, 'Postgres', times),
      await development(context, times),
    ];
  },
};
