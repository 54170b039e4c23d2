import { loadEnvFile } from './config/env-file.ts';
import { runUserCommand } from './user-command/run-user-command.ts';

/** `npm run user -- <command>`: accounts by the shell, beside running servers. */

const unreadable = loadEnvFile('.env', process.env);
if (unreadable !== undefined) {
  process.stderr.write(`${unreadable}\n`);
  process.exitCode = 1;
} else process.exitCode = await runUserCommand(process.argv.slice(2), process.env, process);
