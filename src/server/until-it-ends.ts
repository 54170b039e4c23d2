import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from './log/log.ts';
import { FLUSH_MS, type LogOutput } from './log/log-output.ts';
import type { RunningServer, StopOptions } from './server.ts';
import { createSignalReader } from './signals.ts';

/** After this the process ends, whatever hangs. Docker ends a container by force after 10 s. */
const STOP_LIMIT_MS = 9_500;

export interface UntilItEndsOptions {
  server: RunningServer;
  log: Log;
  output: LogOutput;
  /**
   * For how long a server that a supervisor stops goes on, for proxies to notice, in milliseconds. @see StopOptions.
   */
  drainMs: number;
}

/** Keeps the server until a signal or an exception ends it, and the process with it. */
export const untilItEnds = ({ server, log, output, drainMs }: UntilItEndsOptions): void => {
  let exitCode = 0;
  let isStopping = false;
  const stop = async (options: StopOptions): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(exitCode), STOP_LIMIT_MS);
    const start = performance.now();
    await server.stop(options);
    log.info({ durationMs: Math.round(performance.now() - start) }, 'Stopped');
    await output.flush(FLUSH_MS);
    process.exit(exitCode);
  };

  const readSignal = createSignalReader(() => performance.now());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      const meaning = readSignal();
      if (meaning === 'hurry') process.exit(1);
      if (meaning === 'repeated') return;
      log.info({ signal }, 'Stopping');
      // SIGINT is a person at a terminal, who waits for it.
      void stop(signal === 'SIGTERM' && drainMs > 0 ? { drained: delay(drainMs) } : {});
    });
  }

  // After an exception that nobody caught, code was left half-way through: what it holds cannot be trusted any more.
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'Uncaught exception');
    exitCode = 1;
    void stop({});
  });
  // A promise that nobody waited for left nothing half-way but itself. Were it the end, anybody who finds one such
  // request could sign everybody's tab off again and again.
  process.on('unhandledRejection', (error) => {
    log.error({ err: error }, 'Unhandled promise rejection');
  });
};
