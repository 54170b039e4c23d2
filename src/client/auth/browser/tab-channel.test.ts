// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createChannelClass } from '#testing/client/broadcast-channel.ts';
import type { TabChannel } from '../environment.ts';
import { broadcastChannel } from './tab-channel.ts';

let open: Set<EventTarget>;
const stops: (() => void)[] = [];

beforeEach(() => {
  const stub = createChannelClass();
  open = stub.open;
  vi.stubGlobal('BroadcastChannel', stub.Channel);
});
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

const openEnd = (): { end: TabChannel; heard: () => number } => {
  const end = broadcastChannel();
  if (end === undefined) throw new Error('There is no channel.');
  let calls = 0;
  stops.push(end.listen(() => void (calls += 1)));
  return { end, heard: () => calls };
};

test('a call is heard by the others, once, and not by the caller', () => {
  const [one, other] = [openEnd(), openEnd()];
  window.dispatchEvent(new Event('pageshow'));
  one.end.notify();
  expect([one.heard(), other.heard()]).toEqual([0, 1]);
});

test('a page that is left keeps no channel open, and hears again when it is shown again', () => {
  const { heard } = openEnd();
  window.dispatchEvent(new Event('pagehide'));
  expect(open.size).toBe(0);
  window.dispatchEvent(new Event('pageshow'));
  expect(open.size).toBe(1);
  new BroadcastChannel('latchkey').postMessage(null);
  expect(heard()).toBe(1);
});

test('who stops listening is gone for good, and may still call without harm', () => {
  const { end, heard } = openEnd();
  for (const stop of stops.splice(0)) stop();
  window.dispatchEvent(new Event('pageshow'));
  end.notify();
  expect(open.size).toBe(0);
  expect(heard()).toBe(0);
});

test('a browser without channels has none', () => {
  vi.stubGlobal('BroadcastChannel', undefined);
  expect(broadcastChannel()).toBeUndefined();
});
