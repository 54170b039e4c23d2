import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { z } from 'zod/v4';
import { createTestAuth } from '../../src/testing/auth.ts';
import { fillWithPeople } from '../../src/testing/people.ts';
import { type BenchStore, openBenchStore } from '../bench-store.ts';
import type { Row } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import { percentile, spreadOf } from '../statistics.ts';

const OTHER_PROCESS = fileURLToPath(new URL('../other-process.ts', import.meta.url));

/**
 * All processes of a machine share this clock (CLOCK_MONOTONIC): what one notes down can be compared with what another
 * does.
 */
const now = (): number => Number(process.hrtime.bigint()) / 1e6;

const messageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('heard'), sid: z.string(), at: z.number() }),
  z.object({ kind: z.literal('ended'), from: z.number() }),
]);

const startOther = async (store: BenchStore, role: 'listens' | 'ends') => {
  const child = fork(OTHER_PROCESS, [role, JSON.stringify(store.location)], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return {
    next: async () => messageSchema.parse((await once(child, 'message'))[0]),
    send: (username: string) => child.send(username),
    stop: async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
};

const rowsOf = (what: string, delays: readonly number[], targets: { median?: number; worst: number }): Row[] => {
  const unit = 'ms';
  const { median } = targets;
  return [
    {
      what: `${what}: median of ${delays.length}`,
      unit,
      ours: spreadOf([percentile(delays, 0.5)]),
      ...(median && { target: { atMost: median } }),
    },
    { what: `${what}: worst`, unit, ours: spreadOf([percentile(delays, 1)]), target: { atMost: targets.worst } },
  ];
};

/**
 * From the call of `sessions.revoke` in this process to the notice in another, whose gate refuses the token from then
 * on.
 */
const onPostgres = async (times: number): Promise<Row[]> => {
  const store = await openBenchStore('postgres');
  const kit = await createTestAuth(store);
  const other = await startOther(store, 'listens');
  const browser = kit.openBrowser();
  await browser.register('ada');
  const delays: number[] = [];
  for (let round = 0; round < times; round += 1) {
    const phone = kit.openBrowser();
    await phone.login('ada');
    const victim = (await browser.call().sessions.list()).find(({ current }) => !current);
    const heard = other.next();
    const from = now();
    await browser.call().sessions.revoke({ id: victim?.id ?? '' });
    const message = await heard;
    if (message.kind !== 'heard') throw new Error(`Expected a notice, not ${message.kind}.`);
    delays.push(message.at - from);
  }
  await other.stop();
  await kit.stop();
  await store.remove();
  return rowsOf('“end session” on one process to refusal on another, Postgres', delays, { median: 20, worst: 250 });
};

/** From the write of a command to the notice in the server, which looks ten times a second. */
const onSqlite = async (times: number): Promise<Row[]> => {
  const store = await openBenchStore('sqlite');
  const kit = await createTestAuth(store);
  const other = await startOther(store, 'ends');
  const browser = kit.openBrowser();
  const delays: number[] = [];
  await browser.register('ada');
  for (let round = 0; round < times; round += 1) {
    await browser.login('ada');
    // At any moment between two looks of the server.
    await delay(Math.random() * 100);
    const heard = new Promise<number>((resolve) => {
      const stop = kit.services.revocations.onNotice(() => {
        stop();
        resolve(now());
      });
    });
    const ended = other.next();
    other.send('ada');
    const [at, message] = await Promise.all([heard, ended]);
    if (message.kind !== 'ended') throw new Error(`Expected an end, not ${message.kind}.`);
    delays.push(at - message.from);
  }
  await other.stop();
  await kit.stop();
  await store.remove();
  return rowsOf('a shell command’s write to refusal in the server beside it, SQLite', delays, { worst: 150 });
};

/** What a process pays for each session that ends elsewhere, by many that one statement ends. */
const noticeCost = async (people: number): Promise<Row> => {
  const store = await openBenchStore('postgres');
  const kit = await createTestAuth(store);
  const { db } = store.database;
  await fillWithPeople({ db, dialect: 'postgres' }, { people, now: Date.now(), onlyAccounts: true });
  let heard = 0;
  kit.services.revocations.onNotice(() => {
    heard += 1;
  });
  const before = process.cpuUsage();
  const { rows } = await sql`update auth_sessions set revoked_at = 1, revoked_cause = 'logout'
    where revoked_at is null returning 1`.execute(db);
  for (let waited = 0; heard < rows.length; waited += 10) {
    if (waited > 60_000) throw new Error(`Of ${rows.length} notices ${heard} came.`);
    await delay(10);
  }
  const { user, system } = process.cpuUsage(before);
  await kit.stop();
  await store.remove();
  return {
    what: `a session that ended elsewhere, to each process that hears of it: mean of ${rows.length.toLocaleString('en')}`,
    unit: 'CPU time, µs',
    ours: spreadOf([(user + system) / rows.length]),
  };
};

export const revocationDelay: Scenario = {
  name: 'revocation-delay',
  title:
    'How long an access token is still good after its session was ended by another process. Others wait for it to expire, or read a database at each call.',
  run: async ({ quick }) => [
    ...(await onPostgres(quick ? 20 : 500)),
    ...(await onSqlite(quick ? 10 : 500)),
    await noticeCost(quick ? 2_000 : 50_000),
  ],
};
