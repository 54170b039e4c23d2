import { Agent } from 'node:http';
import { describe, expect, test, vi } from 'vitest';
import { isHeavy } from '#testing/heavy.ts';
import { processStores } from '#testing/process-stores.ts';
import { type ServerProcess, startServerProcess, type Usage } from '#testing/server-process.ts';
import { createVisitor } from './soak-visitor.ts';

/**
 * How many requests each store gets: SOAK, else as many as it takes to see a handle that stays. With 800 each round has
 * some of everything.
 */
const REQUESTS = Number(process.env.SOAK ?? (isHeavy ? 3000 : 800));
const isLong = process.env.SOAK !== undefined;
const VISITORS = 16;
/**
 * A server at rest: where it listens, its timers, its pool, its feed. One connection each of the visitors would be
 * more.
 */
const MAX_HANDLES = 12;
const MEGABYTE = 1024 * 1024;

const inMegabytes = (bytes: number): string => (bytes / MEGABYTE).toFixed(1);

/** Sends so many requests, and then leaves no connection of its own behind. */
const soak = async (server: ServerProcess, requests: number, round: number): Promise<void> => {
  const agent = new Agent({ keepAlive: true, maxSockets: VISITORS });
  const turns = Math.ceil(requests / VISITORS);
  const visit = async (index: number): Promise<void> => {
    const visitor = await createVisitor(server.url, `soak_${round}_${index}`, agent);
    // Each begins somewhere else in the mix.
    for (let turn = 0; turn < turns; turn += 1) await visitor(turn + 7 * index);
  };
  await Promise.all(Array.from({ length: VISITORS }, (_, index) => visit(index)));
  agent.destroy();
};

/** What it holds once it has let go of what is over. No more handles than before, if that is given. */
const atRest = (server: ServerProcess, before = Number.POSITIVE_INFINITY): Promise<Usage> =>
  vi.waitFor(
    async () => {
      const usage = await server.usage();
      expect(usage.handles).toBeLessThanOrEqual(Math.min(before, MAX_HANDLES));
      return usage;
    },
    { timeout: 60_000, interval: 200 },
  );

describe.each(processStores)('on $store', ({ store, open }) => {
  test(
    `${REQUESTS} requests leave no handle behind${isLong ? ', and less than 5 MB per 100,000' : ''}`,
    async () => {
      const { variables, remove } = await open();
      const server = await startServerProcess({ ...variables, ACCESS_TOKEN_TTL: '60', DATABASE_POOL_SIZE: '2' });
      try {
        const rounds = isLong ? 6 : 3;
        const usages: Usage[] = [];
        // The first round warms up: caches fill, the pool opens its connections, code is compiled.
        for (let round = 0; round < rounds; round += 1) {
          await soak(server, REQUESTS / (rounds - 1), round);
          usages.push(await atRest(server, usages[0]?.handles));
        }
        for (const { heapUsed, rss, handles } of isLong ? usages : []) {
          process.stdout.write(
            `${store}: heap ${inMegabytes(heapUsed)} MB, RSS ${inMegabytes(rss)} MB, ${handles} handles\n`,
          );
        }
        const [first, last] = [usages[0]?.heapUsed ?? 0, usages.at(-1)?.heapUsed ?? 0];
        if (isLong) expect((last - first) / (REQUESTS / 100_000)).toBeLessThan(5 * MEGABYTE);
      } finally {
        await server.kill();
        await remove();
      }
    },
    120_000 + REQUESTS * 20,
  );
});
