import type { RunStatement } from './rows.ts';

/** A request that a server works on. It stands still before every statement until it is told to go on. */
export interface Job {
  statement: RunStatement;
  /** Runs the statement that it stands before. */
  proceed: () => void;
  /** The database refuses the statement that it stands before. */
  fail: (error: Error) => void;
  /** The process is gone: nothing more happens. */
  kill: () => void;
  isDead: () => boolean;
}

export const createJob = (): Job => {
  let next: { run: () => void; refuse: (error: Error) => void } | null = null;
  let isDead = false;

  const take = () => {
    const taken = next;
    next = null;
    return taken;
  };

  return {
    statement: (statement) =>
      new Promise((resolve, reject) => {
        if (!isDead) next = { run: () => resolve(statement()), refuse: reject };
      }),
    proceed: () => take()?.run(),
    fail: (error) => take()?.refuse(error),
    kill() {
      isDead = true;
      next = null;
    },
    isDead: () => isDead,
  };
};
