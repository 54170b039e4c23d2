import { existsSync } from 'node:fs';
import { runUserCommand } from './user-command/run-user-command.ts';

/** `npm run user -- <command>`: accounts by the shell, beside running servers. */

// Variables that are set win over those of the file.
if (existsSync('.env')) process.loadEnvFile('.env');

process.exitCode = await runUserCommand(process.argv.slice(2), process.env, process);
