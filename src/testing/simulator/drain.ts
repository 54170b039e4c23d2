import { type Tab, userOf } from './tab.ts';
import { checkTabs } from './tab-checks.ts';
import { calm } from './wire-actions.ts';
import type { World } from './world.ts';

const SECOND = 1_000;

/** Longer than the longest pause between two attempts of the engine, and than an access token lives. */
const LONG_ENOUGH = 100 * SECOND;

/** Everything works again, and time goes on. */
const heal = async (world: World): Promise<void> => {
  world.setClock(0);
  for (const { page, show, connect } of world.tabs()) {
    page.thaw();
    connect(true);
    show(true);
  }
  await calm(world, LONG_ENOUGH);
};

/** Makes a call in the tab, and says as whom it was carried out. */
const probe = async (world: World, tab: Tab): Promise<string | null> => {
  let answer: unknown = null;
  const call = world.calls.make(tab.id, userOf(tab));
  tab.client.query('notes.list', { call: call.id, fate: 'ok' }).then(
    (data) => {
      answer = data;
      call.end();
    },
    () => call.end(),
  );
  for (let round = 0; round < 10 && !call.hasSettled; round += 1) await calm(world, SECOND);
  if (!call.hasSettled) world.watch.violated('waiters', `the last call of tab ${tab.id} has not settled`);
  return typeof answer === 'string' ? answer : null;
};

/** Lets the world come to rest, and checks what must be true in the end. */
export const drain = async (world: World): Promise<void> => {
  const { watch, calls, person, jar, rows } = world;
  if (world.tabs().length === 0) world.open();
  await heal(world);
  checkTabs(world);
  watch.report();

  const openTabs = new Set(world.tabs().map(({ id }) => id));
  for (const { id, tab } of calls.open())
    if (openTabs.has(tab)) watch.violated('waiters', `call ${id} has not settled`);
  if (person.isBusy()) watch.violated('waiters', 'a sign-in has not settled');

  const expected = person.expected();
  for (const tab of world.tabs()) {
    const state = tab.auth.getState();
    if (state.status === 'restoring') watch.violated('waiters', `tab ${tab.id} is still restoring`);
    const user = await probe(world, tab);
    if (typeof expected === 'string' && user !== expected) {
      watch.violated('honest', `tab ${tab.id} is ${user} and not ${expected}: ${JSON.stringify(tab.auth.getState())}`);
    }
    if (expected === null && (user !== null || userOf(tab) !== null)) {
      watch.violated('logout', `tab ${tab.id} is still ${user}`);
    }
  }
  const sid = jar.sid();
  if (expected === null && sid !== null && rows.isLive(sid)) watch.violated('logout', 'the refresh cookie still works');
  watch.report();
};
