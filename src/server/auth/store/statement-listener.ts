import type { CompiledQuery, LogConfig } from 'kysely';

/**
 * Called with every statement once it has run, `begin` and `commit` among them, with its parameters: to count and to
 * explain them. Not for a log, for there are hashes among the parameters.
 */
export type StatementListener = (statement: CompiledQuery) => void;

/** What tells a Kysely to tell the listener, if there is one. */
export const heardBy = (listener: StatementListener | undefined): { log?: LogConfig } =>
  listener === undefined ? {} : { log: ({ query }) => listener(query) };
