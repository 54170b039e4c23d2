#!/usr/bin/env node
import { loadEnvFile } from '../env/env-file.ts';
import { runCommand } from './run-command.ts';

/** `npx latchkey <command>`. */
const unreadable = loadEnvFile('.env', process.env);
if (unreadable !== undefined) {
  process.stderr.write(`${unreadable}\n`);
  process.exitCode = 1;
} else process.exitCode = await runCommand(process.argv.slice(2), process.env, process);
