import { expect, test } from 'vitest';
import { reasonOf } from '../refusal.ts';
import { createStreamSlots } from './stream-limits.ts';

const open = () => createStreamSlots({ session: 2, user: 3, process: 4 });

/** Takes a place for `user/session`, or tells why there is none. */
const taker = (slots: ReturnType<typeof open>) => (name: string) => {
  const [id = '', sid = ''] = name.split('/');
  try {
    return slots.take({ id, sid: `${id}/${sid}` });
  } catch (error) {
    return reasonOf(error);
  }
};

test.each([
  ['a session', ['ada/1', 'ada/1'], 'ada/1', 'ada/2'],
  ['a user', ['ada/1', 'ada/1', 'ada/2'], 'ada/3', 'bob/1'],
  ['the process', ['ada/1', 'bob/1', 'eve/1', 'dan/1'], 'kim/1', undefined],
])('when %s has all its places, no more are to be had, until one is given up', (_whose, names, refused, allowed) => {
  const take = taker(open());
  const [release] = names.map(take);
  expect(take(refused)).toBe('too_many_streams');
  if (allowed !== undefined) expect(take(allowed)).toBeTypeOf('function');
  else {
    if (typeof release === 'function') release();
    expect(take(refused)).toBeTypeOf('function');
  }
});

test('a place is given up once, however often', () => {
  const take = taker(open());
  const [first] = [take('ada/1'), take('ada/1')];
  for (let time = 0; time < 3; time += 1) if (typeof first === 'function') first();
  expect(take('ada/1')).toBeTypeOf('function');
  expect(take('ada/1')).toBe('too_many_streams');
});
