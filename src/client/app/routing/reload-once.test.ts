import { expect, test, vi } from 'vitest';
import { forgetReload, reloadOnce } from './reload-once.ts';

const createReloader = ({ state = null, reachable = true }: { state?: unknown; reachable?: boolean } = {}) => {
  const history = {
    state,
    replaceState: (next: unknown) => {
      history.state = next;
    },
  };
  return { history, reachable: async () => reachable, reload: vi.fn<() => void>() };
};

test('a missing part reloads the page once, and not again on the same entry', async () => {
  const reloader = createReloader();
  expect(await reloadOnce(reloader)).toBe(true);
  expect(await reloadOnce(reloader)).toBe(false);
  expect(reloader.reload).toHaveBeenCalledTimes(1);
});

test("the router's own state of the entry is kept", async () => {
  const reloader = createReloader({ state: { key: 'abc' } });
  await reloadOnce(reloader);
  expect(reloader.history.state).toMatchObject({ key: 'abc' });
  forgetReload(reloader);
  expect(reloader.history.state).toEqual({ key: 'abc' });
});

test('a page that loaded whole may reload for the next deployment', async () => {
  const reloader = createReloader();
  await reloadOnce(reloader);
  forgetReload(reloader);
  expect(await reloadOnce(reloader)).toBe(true);
});

test('nothing reloads while the server cannot be reached', async () => {
  const reloader = createReloader({ reachable: false });
  expect(await reloadOnce(reloader)).toBe(false);
  expect(reloader.reload).not.toHaveBeenCalled();
});
