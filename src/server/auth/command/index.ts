export type { Env } from '../env/read-variables.ts';
export { type CommandOptions, runCommand, type Streams } from './run-command.ts';
