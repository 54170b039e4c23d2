import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { isHeavy } from '#testing/heavy.ts';
import { processStores } from '#testing/process-stores.ts';
import { startServerProcess } from '#testing/server-process.ts';
import { createPerson } from './person.ts';

/** How often the server is killed on each store: KILLS, else 3 times with HEAVY, else twice. */
const KILLS = Number(process.env.KILLS ?? (isHeavy ? 3 : 2));
const PEOPLE = 8;

describe.each(processStores)('on $store', ({ store, open }) => {
  test(
    `what was acknowledged is there after ${KILLS} kills under load, and no session is lost`,
    async () => {
      const { variables, remove } = await open();
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
          await delay(randomInt(500, 1500));
          await server.kill();
          isOver = true;
          await work;

          server = await startServerProcess(variables);
          const losses = await Promise.all(people.map((person) => person.findLosses()));
          expect(losses.flat()).toEqual([]);
        }
        const acknowledged = people.map((person) => person.acknowledged);
        const figures = {
          kills: KILLS,
          registrations: acknowledged.filter(({ registered }) => registered).length,
          refreshes: acknowledged.reduce((sum, { refreshes }) => sum + refreshes, 0),
          notes: acknowledged.reduce((sum, { notes }) => sum + notes.length, 0),
        };
        process.stdout.write(`${store}: ${JSON.stringify(figures)}\n`);
        expect(Math.min(...Object.values(figures))).toBeGreaterThan(0);
      } finally {
        await server.kill();
        await remove();
      }
    },
    60_000 + KILLS * 30_000,
  );
});
