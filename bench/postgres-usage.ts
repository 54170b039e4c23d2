import { readFile } from 'node:fs/promises';
import pg from 'pg';

/** What Linux counts CPU time in, whatever the processor. */
const TICK_MICROSECONDS = 10_000;

const ticksOf = async (pid: number): Promise<number> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // After the name of the program, which may hold anything: user time is the 12th, system time the 13th.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return text === '' ? 0 : Number(fields[11]) + Number(fields[12]);
};

/** Tells what a Postgres on this machine has used: those who answer, and those who write for them. */
export interface PostgresUsage {
  /** Of its processes that live, in microseconds since their start. */
  cpuMicroseconds(): Promise<number>;
  stop(): Promise<void>;
}

/** On Linux: Postgres does not tell it itself. */
export const watchPostgres = async (databaseUrl: string): Promise<PostgresUsage> => {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  return {
    cpuMicroseconds: async () => {
      const { rows } = await client.query<{ pid: number }>('select pid from pg_stat_activity');
      const ticks = await Promise.all(rows.map(({ pid }) => ticksOf(pid)));
      return TICK_MICROSECONDS * ticks.reduce((sum, one) => sum + one, 0);
    },
    stop: () => client.end(),
  };
};
