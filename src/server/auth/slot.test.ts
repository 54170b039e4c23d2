import { expect, test } from 'vitest';
import type { Auth } from './auth.ts';
import { createSlot } from './slot.ts';

const createStub = (): Auth => ({
  origin: 'https://app.example',
  allowedOrigins: new Set(),
  start: async () => {},
  work: async () => {},
  stop: async () => {},
  peek: () => Promise.resolve(null),
  findUser: () => Promise.resolve(null),
  endStreams: () => {},
  isReady: () => true,
  figures: () => ({
    isFeedLive: true,
    feedLagMs: 0,
    openSubscriptions: 0,
    purgedRows: new Map(),
    rateLimited: new Map(),
  }),
});

const MISSING = 'Add totp() to the features of createAuth.';

test('a slot finds what it was filled with, for each auth apart', () => {
  const slot = createSlot<string>('slot-test', MISSING);
  const [one, two] = [createStub(), createStub()];
  slot.fill(one, 'first');
  slot.fill(two, 'second');
  expect([slot.of(one), slot.of(two)]).toEqual(['first', 'second']);
});

test('another copy of the module finds it as well', () => {
  const auth = createStub();
  createSlot<string>('slot-test', MISSING).fill(auth, 'first');
  expect(createSlot<string>('slot-test', MISSING).of(auth)).toBe('first');
});

test('an empty slot says what to do, and a full one stays as it is', () => {
  const slot = createSlot<string>('slot-test', MISSING);
  const auth = createStub();
  expect(() => slot.of(auth)).toThrow(new TypeError(MISSING));
  slot.fill(auth, 'first');
  expect(() => slot.fill(auth, 'second')).toThrow(TypeError);
  expect(slot.of(auth)).toBe('first');
});

test('what a slot holds stays out of sight', () => {
  const auth = createStub();
  createSlot<string>('slot-test', MISSING).fill(auth, 'first');
  expect(JSON.stringify(auth)).not.toContain('first');
  expect(Object.keys(auth)).not.toContain('latchkey.slot-test');
});
