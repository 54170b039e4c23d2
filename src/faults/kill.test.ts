import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createTestSecret } from '#testing/auth.ts';
import { startPostgres } from '#testing/postgres.ts';
import { createPerson } from './person.ts';
import { startServerProcess } from './server-process.ts';

/** How often the server is killed on each store: KILLS, else 3. */
const KILLS = Number(process.env.KILLS ?? 3);
const PEOPLE = 8;

const stores = [
  {
    store: 'SQLite',
    open: async () => {
      const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-kill-'));
      const remove = async () => rmSync(dataDir, { recursive: true, force: true });
      return { env: { DATA_DIR: dataDir }, remove };
    },
  },
  {
    store: 'Postgres',
    open: async () => {
      const postgres = await startPostgres({ fsync: true });
      return { env: { DATABASE_URL: postgres.url, DATA_DIR: 'memory:' }, remove: postgres.stop };
    },
  },
];

describe.each(stores)('on $store', ({ open }) => {
  test(
    `what was acknowledged is there after ${KILLS} kills under load, and no session is lost`,
    async () => {
      const { env, remove } = await open();
      const variables = {
        ...env,
        PUBLIC_URL: 'http://localhost',
        ACCESS_TOKEN_SECRET: createTestSecret(),
        REFRESH_TOKEN_SECRET: createTestSecret(),
        RATE_LIMIT: 'off',
        // As short as it can be, so that most refreshes rotate.
        REFRESH_LEEWAY: '1',
      };
      let server = await startServerProcess(variables);
      const people: ReturnType<typeof createPerson>[] = [];
      try {
        for (let kill = 0; kill < KILLS; kill += 1) {
          people.push(
            ...Array.from({ length: PEOPLE }, (_, index) => createPerson(`person_${kill}_${index}`, () => server.url)),
          );
          let isOver = false;
          const work = Promise.all(people.slice(-2 * PEOPLE).map((person) => person.work(() => isOver)));
          // The load is real: so is its time. What is asserted does not depend on it.
          await delay(randomInt(1000, 2500));
          await server.kill();
          isOver = true;
          await work;

          server = await startServerProcess(variables);
          const losses = await Promise.all(people.map((person) => person.findLosses()));
          expect(losses.flat()).toEqual([]);
        }
        const notes = people.flatMap((person) => person.acknowledged.notes);
        expect(notes.length).toBeGreaterThan(0);
      } finally {
        await server.kill();
        await remove();
      }
    },
    60_000 + KILLS * 30_000,
  );
});
