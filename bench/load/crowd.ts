import { fork } from 'node:child_process';
import { once } from 'node:events';
import { BUILT } from '../build.ts';
import { type Order, type PlanInput, type Report, reportSchema, type Worked } from './plan.ts';

/** Virtual users in a process of their own, which costs nothing while they do not work. */
export interface Crowd {
  /** @throws when an answer was not what the plan expects. */
  work(milliseconds: number): Promise<Worked>;
  /** How many calls it has made in all. */
  totalCalls(): number;
  stop(): Promise<void>;
}

export const startCrowd = async (plan: PlanInput): Promise<Crowd> => {
  const child = fork(BUILT.loadWorker, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');

  const tell = async (order: Order): Promise<Report> => {
    const answered = once(child, 'message').then(([message]: unknown[]) => message);
    child.send(order);
    const message = await Promise.race([
      answered,
      ended.then(() => Promise.reject(new Error('The load generator has ended.'))),
    ]);
    const report = reportSchema.parse(message);
    if (report.kind === 'failed') throw new Error(report.message);
    return report;
  };
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
  };

  let totalCalls = 0;
  await tell({ kind: 'plan', plan });
  return {
    work: async (milliseconds) => {
      const report = await tell({ kind: 'work', milliseconds });
      if (report.kind !== 'worked') throw new Error(`The load generator answered out of turn: ${report.kind}.`);
      totalCalls += report.worked.calls;
      return report.worked;
    },
    totalCalls: () => totalCalls,
    stop,
  };
};
