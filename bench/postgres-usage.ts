import { readFile } from 'node:fs/promises';
import pg from 'pg';

/** What Linux counts CPU time in, whatever the processor. */
const TICK_MICROSECONDS = 10_000;

/** Undefined: it has ended. */
const ticksOf = async (pid: number): Promise<number | undefined> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // After the name of the program, which may hold anything: user time is the 12th, system time the 13th.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields && Number(fields[11]) + Number(fields[12]);
};

/** Tells what a Postgres on this machine has used: those who answer, and those who write for them. */
export interface PostgresUsage {
  /** In microseconds; of connections that have ended, what they had used when they were last looked at. */
  cpuMicroseconds(): Promise<number>;
  stop(): Promise<void>;
}

/** On Linux: Postgres does not tell it itself. */
export const watchPostgres = async (databaseUrl: string): Promise<PostgresUsage> => {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const used = new Map<number, number>();
  return {
    cpuMicroseconds: async () => {
      const { rows } = await client.query<{ pid: number }>('select pid from pg_stat_activity');
      for (const { pid } of rows) {
        const ticks = await ticksOf(pid);
        if (ticks !== undefined) used.set(pid, ticks);
      }
      return TICK_MICROSECONDS * [...used.values()].reduce((sum, one) => sum + one, 0);
    },
    stop: () => client.end(),
  };
};
