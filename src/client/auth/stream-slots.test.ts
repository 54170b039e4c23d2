import { expect, test } from 'vitest';
import { type StreamLocks, takeStreamSlot } from './stream-slots.ts';
import { createTestClock, settle } from './testing/clock.ts';
import { createTestLocks } from './testing/other-tabs.ts';

/** Tabs of one browser that all are seen, each with a stream that wants to be open all the time. */
const openStreams = (count: number, streamLocks: StreamLocks | null = createTestLocks().locks) => {
  const clock = createTestClock();
  const open = new Set<number>();
  const opened = Array.from({ length: count }, () => 0);
  let most = 0;

  const want = (tab: number): (() => void) => {
    let giveUp = (): void => undefined;
    const again = (): void => {
      open.delete(tab);
      giveUp();
      giveUp = takeStreamSlot(
        { streamLocks: streamLocks ?? undefined, setTimer: clock.setTimer },
        {
          onTaken() {
            open.add(tab);
            opened[tab] = (opened[tab] ?? 0) + 1;
            most = Math.max(most, open.size);
          },
          onWanted: again,
        },
      );
    };
    again();
    return () => {
      open.delete(tab);
      giveUp();
    };
  };
  const leave = Array.from({ length: count }, (_, tab) => want(tab));
  return { clock, open, opened, leave, most: () => most };
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

test('where there are no locks, or the browser forbids them, every stream is open', async () => {
  const forbidden = createTestLocks().locks;
  forbidden.request = () => Promise.reject(new DOMException('Not here.', 'SecurityError'));
  for (const streamLocks of [null, forbidden]) {
    const { open } = openStreams(8, streamLocks);
    await settle();
    expect(open.size).toBe(8);
  }
});
