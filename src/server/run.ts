import type { Server } from 'node:http';
import type { Writable } from 'node:stream';
import { DatabaseUnavailableError, loadEnvFile } from 'latchkey/server';
import type { DestinationStream } from 'pino';
import { type Config, readConfig } from './config/config.ts';
import type { Mode } from './config/variables.ts';
import { ServerLockedError } from './database/index.ts';
import { ListenError } from './http/listen.ts';
import { createLog, type Log } from './log/log.ts';
import { createLogOutput, FLUSH_MS } from './log/log-output.ts';
import { startServer, type WebApp } from './server.ts';
import { untilItEnds } from './until-it-ends.ts';

/** Long enough for a proxy that looks at `/readyz` every second. */
const DRAIN_MS = 3_000;

export interface RunOptions {
  mode: Mode;
  /** Makes the lines of the log fit to be read by people. Default: they are JSON. */
  formatLog?: (output: Writable) => DestinationStream;
  createWebApp: (server: Server, config: Config) => Promise<WebApp>;
  /** Tells the address, in the way of the mode. */
  announce: (config: Config, log: Log) => void;
  /** Default: 3 seconds in production, none in development. */
  drainMs?: number;
}

const complain = (lines: readonly string[]): void => {
  for (const line of lines) process.stderr.write(`${line}\n`);
};

/** What the person who starts the server can mend, said in one line. Anything else is a defect, and keeps its stack. */
const isExpected = (error: unknown): error is Error =>
  error instanceof DatabaseUnavailableError || error instanceof ServerLockedError || error instanceof ListenError;

/**
 * Reads the variables, starts the server and keeps it until a signal ends it. Ends the process with 1 when it cannot
 * start.
 */
export const run = async ({
  mode,
  formatLog = (output) => output,
  createWebApp,
  announce,
  drainMs = mode === 'production' ? DRAIN_MS : 0,
}: RunOptions): Promise<void> => {
  // Its reader may be gone as well.
  process.stderr.on('error', () => {});

  const unreadable = loadEnvFile('.env', process.env);
  if (unreadable !== undefined) {
    complain([unreadable]);
    process.exitCode = 1;
    return;
  }
  const result = readConfig(process.env, mode);
  if (!result.ok) {
    complain(result.problems);
    process.exitCode = 1;
    return;
  }
  const { config } = result;
  const output = createLogOutput(process.stdout);
  const log = createLog({ level: config.logLevel, destination: formatLog(output.stream) });

  try {
    const server = await startServer({ config, log, createWebApp: (http) => createWebApp(http, config) });
    untilItEnds({ server, log, output, drainMs });
    announce(config, log);
  } catch (error) {
    if (isExpected(error)) complain([error.message]);
    else log.fatal({ err: error }, 'The server cannot start');
    await output.flush(FLUSH_MS);
    process.exit(1);
  }
};
