import { reasonOf } from 'latchkey/client';
import { type Actions, choose, inTab, onTab, rest } from './action.ts';
import { CALL_FATES } from './calls.ts';
import { type Tab, userOf } from './tab.ts';
import { USERS, type World } from './world.ts';

const MAX_TABS = 3;
const QUARTER_HOUR = 15 * 60_000;

const call = ({ calls }: World, tab: Tab, pick: number): void => {
  const { id, controller, end } = calls.make(tab.id, userOf(tab));
  const input = { call: id, fate: choose(CALL_FATES, rest(pick, 2)) };
  const { signal } = controller;
  const answer =
    pick % 2 === 0
      ? tab.client.query('notes.list', input, { signal })
      : tab.client.mutation('notes.create', input, { signal });
  answer.then(end, end);
};

/** Signs in, and tells the person what came of it. */
export const signIn = ({ person }: World, { auth, closed }: Tab, username: string): void => {
  const answer = auth.signIn({ username, password: 'x' }).then(
    (user) => user.username,
    (error: unknown) => (reasonOf(error) === 'invalid_credentials' ? null : undefined),
  );
  void person.signsIn(Promise.race([answer, closed]));
};

/** Proves once more who they are, by the password or by a code. */
const prove = (_world: World, { client }: Tab, pick: number): void => {
  client.mutation('auth.reauthenticate', { kind: pick % 2 === 0 ? 'pwd' : 'otp' }).catch(() => undefined);
};

/** Changes the password, by which the session is renewed. If that answer is lost, they have to sign in anew. */
const changePassword = (_world: World, { client }: Tab): void => {
  client.mutation('auth.changePassword', {}).catch(() => undefined);
};

const signOut = ({ person, watch }: World, { id, auth }: Tab): void => {
  person.signsOut();
  void auth.signOut();
  if (auth.getState().status !== 'anonymous') watch.violated('logout', `tab ${id} is signed in after its sign-out`);
};

const endByAdmin = ({ rows, jar }: World): void => {
  const sid = jar.sid();
  if (sid !== null) rows.revoke(sid, 'ended_by_admin');
};

/** What the person does, and what the browser does to its tabs. */
export const personActions: Actions = {
  call: [16, inTab(call)],
  abort: [1, ({ calls }, pick) => choose(calls.open(), pick)?.controller.abort()],
  'sign in': [1.5, inTab((world, tab, pick) => signIn(world, tab, choose(USERS, pick) ?? 'ada'))],
  'sign in wrongly': [0.5, inTab((world, tab) => signIn(world, tab, 'nobody'))],
  prove: [3, inTab(prove)],
  'change the password': [1, inTab(changePassword)],
  'sign out': [1, inTab(signOut)],
  'end by an admin': [0.25, endByAdmin],
  open: [2, (world) => void (world.tabs().length < MAX_TABS && world.open())],
  close: [1, onTab(({ close }, tab) => close(tab))],
  reload: [
    3,
    onTab(({ close, open }, tab) => {
      close(tab);
      open();
    }),
  ],
  freeze: [1, inTab((_world, { page }) => page.freeze())],
  thaw: [2, onTab((_world, { page }) => page.thaw())],
  show: [2, inTab((_world, { show }) => show(true))],
  hide: [1, inTab((_world, { show }) => show(false))],
  'go online': [1, inTab((_world, { connect }) => connect(true))],
  'go offline': [1, inTab((_world, { connect }) => connect(false))],
  'set the clock': [1, ({ setClock }, pick) => setClock(((pick % 49) - 24) * QUARTER_HOUR)],
};
