import { existsSync } from 'node:fs';
import type { Server } from 'node:http';
import type { DestinationStream } from 'pino';
import { type Config, readConfig } from './config.ts';
import type { Mode } from './config-variables.ts';
import { DatabaseUnavailableError, ServerLockedError } from './database/index.ts';
import { ListenError } from './http/listen.ts';
import { createLog, type Log } from './log.ts';
import { type RunningServer, startServer, type WebApp } from './server.ts';

export interface RunOptions {
  mode: Mode;
  logDestination: DestinationStream;
  createWebApp: (server: Server, config: Config) => Promise<WebApp>;
  /** Tells the address, in the way of the mode. */
  announce: (config: Config, log: Log) => void;
}

const complain = (lines: readonly string[]): void => {
  for (const line of lines) process.stderr.write(`${line}\n`);
};

/** What the person who starts the server can mend, said in one line. Anything else is a defect, and keeps its stack. */
const isExpected = (error: unknown): error is Error =>
  error instanceof DatabaseUnavailableError || error instanceof ServerLockedError || error instanceof ListenError;

const untilItEnds = (server: RunningServer, log: Log): void => {
  let isStopping = false;
  const stop = async (exitCode: number): Promise<void> => {
    // A second signal is somebody who does not want to wait.
    if (isStopping) process.exit(1);
    isStopping = true;
    const start = performance.now();
    await server.stop();
    log.info({ durationMs: Math.round(performance.now() - start) }, 'Stopped.');
    process.exit(exitCode);
  };

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      log.info({ signal }, 'Stopping.');
      void stop(0);
    });
  }

  // After an exception that nobody caught, code was left half-way through: what it holds cannot be trusted any more.
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'An exception was not caught.');
    void stop(1);
  });
  // A promise that nobody waited for left nothing half-way but itself. Were it the end, whoever finds one such request could
  // sign everybody's tab off again and again.
  process.on('unhandledRejection', (error) => {
    log.error({ err: error }, 'A promise was rejected and nobody took notice.');
  });
};

/** Reads the variables, starts the server and keeps it until a signal ends it. Ends the process with 1 when it cannot start. */
export const run = async ({ mode, logDestination, createWebApp, announce }: RunOptions): Promise<void> => {
  // Variables that are set win over those of the file.
  if (existsSync('.env')) process.loadEnvFile('.env');

  const result = readConfig(process.env, mode);
  if (!result.ok) {
    complain(result.problems);
    process.exitCode = 1;
    return;
  }
  const { config } = result;
  const log = createLog({ level: config.logLevel, destination: logDestination });

  try {
    const server = await startServer({ config, log, createWebApp: (http) => createWebApp(http, config) });
    untilItEnds(server, log);
    announce(config, log);
  } catch (error) {
    if (isExpected(error)) complain([error.message]);
    else log.fatal({ err: error }, 'The server cannot start.');
    process.exit(1);
  }
};
