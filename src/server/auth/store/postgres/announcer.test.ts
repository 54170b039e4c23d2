import { expect, test } from 'vitest';
import type { RevocationNotice } from '../revocation-feed.ts';
import { createAnnouncer } from './announcer.ts';

const ended = (sid: string): RevocationNotice => ({ kind: 'session', sid, cause: 'logout' });

/** Statements that are answered by hand. */
const createScript = () => {
  const statements: { sids: string[]; answer: () => void; fail: () => void }[] = [];
  const announce = createAnnouncer(
    (notices) =>
      new Promise((resolve, reject) => {
        const sids = notices.map((notice) => (notice.kind === 'user' ? notice.userId : notice.sid));
        statements.push({ sids, answer: resolve, fail: () => reject(new Error('The store is away.')) });
      }),
  );
  return { statements, announce };
};

/** Lets everything run that waits for nothing outside. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('one statement is in flight at a time, and the next carries what came meanwhile', async () => {
  const { statements, announce } = createScript();
  const first = announce([ended('a'), ended('b')]);
  await settle();
  const isOut: string[] = [];
  const others = ['c', 'd'].map((sid) => announce([ended(sid)]).then(() => isOut.push(sid)));
  await settle();
  expect(statements.map(({ sids }) => sids)).toEqual([['a', 'b']]);

  statements[0]?.answer();
  await first;
  await settle();
  expect(statements.map(({ sids }) => sids)).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  expect(isOut).toEqual([]);
  statements[1]?.answer();
  await Promise.all(others);
});

test('a statement that fails is sent once more, and then left to the others, who look by themselves', async () => {
  const { statements, announce } = createScript();
  const lost = announce([ended('a')]);
  for (const attempt of [0, 1]) {
    await settle();
    statements[attempt]?.fail();
  }
  await lost;
  const next = announce([ended('b')]);
  await settle();
  expect(statements.map(({ sids }) => sids)).toEqual([['a'], ['a'], ['b']]);
  statements[2]?.answer();
  await next;
});

test('nothing is sent where nothing was revoked', async () => {
  const { statements, announce } = createScript();
  await announce([]);
  await settle();
  expect(statements).toEqual([]);
});
