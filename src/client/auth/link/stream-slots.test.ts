import { expect, test } from 'vitest';
import type { StreamLocks } from '../environment.ts';
import { createTestClock, settle } from '../testing/clock.ts';
import { createTestLocks } from '../testing/other-tabs.ts';
import { type StreamSlot, takeStreamSlot } from './stream-slots.ts';

interface Browser {
  streamLocks?: StreamLocks | undefined;
  hasFewConnections?: boolean;
}

/** Tabs of one browser that all are seen, each with a stream that wants to be open all the time. */
const openStreams = (
  count: number,
  { streamLocks, hasFewConnections = true }: Browser = { streamLocks: createTestLocks().locks },
) => {
  const clock = createTestClock();
  const open = new Set<number>();
  const opened = Array.from({ length: count }, () => 0);
  let most = 0;

  const slots = new Map<number, StreamSlot>();
  const want = (tab: number): (() => void) => {
    const again = (): void => {
      open.delete(tab);
      slots.get(tab)?.release();
      const slot = takeStreamSlot(
        { hasFewConnections, streamLocks, setTimer: clock.setTimer },
        () => {
          open.add(tab);
          opened[tab] = (opened[tab] ?? 0) + 1;
          most = Math.max(most, open.size);
        },
        again,
      );
      slots.set(tab, slot);
    };
    again();
    return () => {
      open.delete(tab);
      slots.get(tab)?.release();
    };
  };
  const leave = Array.from({ length: count }, (_, tab) => want(tab));
  return { clock, open, opened, leave, connect: (tab: number) => slots.get(tab)?.connected(), most: () => most };
};

test('four streams stay open, untouched', async () => {
  const { clock, open, opened } = openStreams(4);
  await clock.advance(600_000);
  expect(open.size).toBe(4);
  expect(opened).toEqual([1, 1, 1, 1]);
});

test('eight take turns: never more than four at once, and each is open again within four seconds', async () => {
  const { clock, opened, most } = openStreams(8);
  await clock.advance(4_000);
  for (let round = 0; round < 10; round += 1) {
    const before = [...opened];
    await clock.advance(4_000);
    opened.forEach((times, tab) => expect(times, `stream ${tab}`).toBeGreaterThan(before[tab] ?? 0));
  }
  expect(most()).toBe(4);
});

test('a stream that is closed makes room at once, and one that waited no longer takes none', async () => {
  const { open, leave } = openStreams(6);
  await settle();
  expect([...open]).toEqual([0, 1, 2, 3]);
  leave[4]?.();
  leave[0]?.();
  await settle();
  expect([...open].toSorted()).toEqual([1, 2, 3, 5]);
});

const forbiddenLocks = (): StreamLocks => ({
  ...createTestLocks().locks,
  request: () => Promise.reject(new DOMException('Not here.', 'SecurityError')),
});

test.each([
  ['there are no locks', undefined],
  ['the browser forbids them', forbiddenLocks()],
])(
  'where %s, every stream is open, and stands at the end of the browser’s queue every five seconds',
  async (_, streamLocks) => {
    const { clock, open, opened, connect } = openStreams(8, { streamLocks });
    await settle();
    expect(open.size).toBe(8);
    // The last two wait for a connection. They have none to give up.
    for (let tab = 0; tab < 6; tab += 1) connect(tab);
    await clock.advance(4_999);
    expect(opened).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    await clock.advance(1);
    expect(opened).toEqual([2, 2, 2, 2, 2, 2, 1, 1]);
  },
);

test('where connections are many, every stream is open, and stays', async () => {
  const { clock, open, opened, connect } = openStreams(8, { hasFewConnections: false });
  for (let tab = 0; tab < 8; tab += 1) connect(tab);
  await clock.advance(600_000);
  expect(open.size).toBe(8);
  expect(new Set(opened)).toEqual(new Set([1]));
});

test('a stream that is closed before its turn is over is not opened by it', async () => {
  const { clock, opened, connect, leave } = openStreams(1, {});
  connect(0);
  leave[0]?.();
  await clock.advance(600_000);
  expect(opened).toEqual([1]);
});
