/**
 * What the command `latchkey` does, for a command of the app's own.
 *
 * @packageDocumentation
 */

export type { Env } from '../env/read-variables.ts';
export type { FeatureName } from './feature-tables.ts';
export { type CommandOptions, runCommand, type Streams } from './run-command.ts';
