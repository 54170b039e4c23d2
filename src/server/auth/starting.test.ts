import { expect, test } from 'vitest';
import { createStarting } from './starting.ts';

const tracked = ({ failures = 0, stopFailures = 0 } = {}) => {
  const did: string[] = [];
  let left = failures;
  let stopsLeft = stopFailures;
  const starting = createStarting({
    refusal: () => new Error('It was stopped.'),
    start: async () => {
      did.push('start');
      await Promise.resolve();
      if (left > 0) {
        left -= 1;
        throw new Error('not yet');
      }
    },
    stop: async () => {
      did.push('stop');
      await Promise.resolve();
      if (stopsLeft > 0) {
        stopsLeft -= 1;
        throw new Error('no stop');
      }
      did.push('stopped');
    },
  });
  return { did, starting };
};

test('several who start at once start it once', async () => {
  const { did, starting } = tracked();
  await Promise.all([starting.start(), starting.pending(), starting.start()]);
  await starting.start();
  expect(did).toEqual(['start']);
  expect(starting.pending()).toBeUndefined();
});

test('a start that failed fails for all who waited, and is tried again at the next request', async () => {
  const { did, starting } = tracked({ failures: 1 });
  const both = await Promise.allSettled([starting.start(), starting.pending()]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await starting.pending();
  expect(did).toEqual(['start', 'start']);
});

test('a stop waits for the start that runs, happens once, and ends what a failed start began', async () => {
  const { did, starting } = tracked({ failures: 1 });
  const started = starting.start().catch(() => did.push('failed'));
  await Promise.all([starting.stop(), starting.stop()]);
  await started;
  expect(did).toEqual(['start', 'failed', 'stop', 'stopped']);
});

test('after a stop no request starts it again, but who asks for it does', async () => {
  const { did, starting } = tracked();
  await starting.start();
  await starting.stop();
  await expect(starting.pending()).rejects.toThrow('stopped');
  await starting.start();
  expect(starting.pending()).toBeUndefined();
  await starting.stop();
  expect(did).toEqual(['start', 'stop', 'stopped', 'start', 'stop', 'stopped']);
});

test('what is asked for while the other is under way comes after it', async () => {
  const { did, starting } = tracked();
  const first = starting.start();
  const stopped = starting.stop();
  await expect(starting.pending()).rejects.toThrow('stopped');
  await first;
  await expect(starting.pending()).rejects.toThrow('stopped');
  const second = starting.start();
  const pending = starting.pending();
  expect(pending).toBe(second);
  await Promise.all([stopped, second]);
  expect(starting.pending()).toBeUndefined();
  expect(did).toEqual(['start', 'stop', 'stopped', 'start']);
});

test('a stop that failed keeps nobody from starting', async () => {
  const { did, starting } = tracked({ stopFailures: 1 });
  await starting.start();
  await expect(starting.stop()).rejects.toThrow('no stop');
  await starting.start();
  expect(starting.pending()).toBeUndefined();
  expect(did).toEqual(['start', 'stop', 'start']);
});
