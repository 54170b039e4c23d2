import { expect, test } from 'vitest';
import { collectGarbage } from '#testing/collect-garbage.ts';
import { createInterrupt } from './interrupt.ts';

const forever = new Promise<never>(() => {});

test('a wait settles as its work does, unless it is cut short', async () => {
  const { race, raise } = createInterrupt();
  expect(await race(Promise.resolve('done'))).toBe('done');
  await expect(race(Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  const [one, other] = [race(forever), race(forever)];
  raise(new Error('over'));
  raise(new Error('over again'));
  await expect(one).rejects.toThrow(/^over$/);
  await expect(other).rejects.toThrow(/^over$/);
});

test('once it is raised, no wait begins, and work that fails afterwards is nobody’s surprise', async () => {
  const { race, raise } = createInterrupt();
  raise(new Error('over'));
  let fail = (_error: Error): void => {};
  const work = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  await expect(race(work)).rejects.toThrow('over');
  fail(new Error('late'));
  await Promise.resolve();
});

test('what a wait brought is let go of, however long the interrupt lives', async () => {
  const { race } = createInterrupt();
  const brought: WeakRef<object>[] = [];
  for (let count = 0; count < 100; count += 1) {
    const result = await race(Promise.resolve({ count }));
    brought.push(new WeakRef(result));
  }
  await collectGarbage();
  expect(brought.filter((reference) => reference.deref() !== undefined).length).toBeLessThan(3);
});
