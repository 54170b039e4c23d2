import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, readConfig } from '#server/config/config.ts';
import { builtApp } from '#server/http/built-app.ts';
import { type StopOptions, startServer } from '#server/server.ts';
import { createTestLog, type TestLog } from './log.ts';

export const TEST_PAGE = '<!doctype html><title>Latchkey</title>';
export const TEST_ASSET = `console.log('${'compressible '.repeat(200)}');`;

/** Longer than what Node.js reads of a file before somebody takes it. */
const LARGE_ASSET = `// ${'x'.repeat(1_000_000)}`;

export interface AppServer {
  url: string;
  config: Config;
  log: TestLog;
  stop(options?: StopOptions): Promise<void>;
}

/** A configuration as variables make it, with a free port in place of the one that was asked for. */
const createTestConfig = (env: NodeJS.ProcessEnv = {}): Config => {
  const secret = (): string => randomBytes(32).toString('base64url');
  const variables = {
    ACCESS_TOKEN_SECRET: secret(),
    REFRESH_TOKEN_SECRET: secret(),
    DATA_SECRET: secret(),
    HOST: '127.0.0.1',
    DATA_DIR: 'memory:',
    LOG_LEVEL: 'trace',
  };
  const result = readConfig({ ...variables, ...env }, 'production');
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return { ...result.config, port: 0 };
};

/** What a build leaves: a page, a file with a hash in its name, and one without. */
const createBuild = (): string => {
  const clientDir = mkdtempSync(join(tmpdir(), 'latchkey-client-'));
  mkdirSync(join(clientDir, 'assets'));
  writeFileSync(join(clientDir, 'index.html'), TEST_PAGE);
  writeFileSync(join(clientDir, 'assets', 'index-abc123.js'), TEST_ASSET);
  writeFileSync(join(clientDir, 'assets', 'large-abc123.js'), LARGE_ASSET);
  writeFileSync(join(clientDir, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  return clientDir;
};

/** The whole server in production, with a small page, listening on a port of its own. */
export const startAppServer = async (env: NodeJS.ProcessEnv = {}): Promise<AppServer> => {
  const config = createTestConfig(env);
  const log = createTestLog(config.logLevel);
  const server = await startServer({
    config,
    log: log.log,
    // Not before it is asked for: a server that cannot start asks for none, and closes none.
    async createWebApp() {
      const clientDir = createBuild();
      const close = async (): Promise<void> => rmSync(clientDir, { recursive: true, force: true });
      return { handler: await builtApp(clientDir), close };
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, config, log, stop: server.stop };
};
