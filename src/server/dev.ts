import { fileURLToPath } from 'node:url';
import pretty from 'pino-pretty';
import { describeStore } from './describe-store.ts';
import { developmentApp } from './http/development-app.ts';
import { run } from './run.ts';

/** `npm run dev`: everything from its sources, always in development. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

await run({
  mode: 'development',
  formatLog: (destination) =>
    pretty({
      destination,
      colorize: process.stdout.isTTY,
      translateTime: 'SYS:HH:MM:ss',
      singleLine: true,
      messageFormat: '{if method}{method} {path} {status} in {durationMs} ms: {end}{if event}{event}: {end}{msg}',
      ignore: 'method,path,status,durationMs,event,userAgent',
    }),
  createWebApp: (server, { publicUrl }) =>
    developmentApp({ root: ROOT, server, hostname: new URL(publicUrl).hostname }),
  announce: (config, log) => {
    log.info(`The store is ${describeStore(config)}.`);
    process.stdout.write(`Latchkey is ready at ${config.publicUrl}\n`);
  },
});
