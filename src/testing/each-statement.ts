import { randomUUID } from 'node:crypto';
import type { AuthTables, Purge, RevocationFeed, Store, TablesOf } from 'latchkey/server';
import { purgeAccounts } from '#server/auth/accounts/purge-accounts.ts';
import { purgeOldEvents, purgeStrayEvents } from '#server/auth/features/audit/purge-events.ts';
import { PASSWORD_LIMITS } from '#server/auth/features/passwords/password-limits.ts';
import { purgeReplaced } from '#server/auth/features/passwords/purge-replaced.ts';
import { purgeFlows } from '#server/auth/flows/purge-flows.ts';
import { purgeRemovals } from '#server/auth/gate/purge-removals.ts';
import { purgeLimits } from '#server/auth/limits/purge-limits.ts';
import { purgeSessions } from '#server/auth/sessions/purge-sessions.ts';
import { MAX_LIVE_SESSIONS } from '#server/auth/sessions/sessions.ts';
import { STEP_ROWS } from '#server/auth/store/purging.ts';
import {
  createNoteChanges,
  createNoteSignals,
  createNotes,
  type NoteTables,
  purgeNoteChanges,
} from '#server/notes/index.ts';
import { appRouter } from '#server/routers/index.ts';
import { createCallerFactory } from '#server/routers/trpc.ts';
import { createTestAuth, TEST_PASSWORD, type TestAuth, type TestBrowser } from './auth.ts';
import type { TestStore } from './each-store.ts';

const MINUTE = 60 * 1000;
const DAY = 24 * 60 * MINUTE;

/** Catches up once, as a feed does at its start. */
const catchingUp = (isLive: boolean): RevocationFeed => ({
  start: ({ catchUp }) => catchUp(),
  isLive: () => isLive,
  lag: () => 0,
  announce: () => Promise.resolve(),
  stop: () => Promise.resolve(),
});

const initiator = { id: 'test', address: null, userAgent: null };
const createCaller = createCallerFactory(appRouter);

const createNoteServices = (database: Store, now: () => number) => {
  const db = database.db.withTables<TablesOf<NoteTables>>();
  const signals = createNoteSignals();
  return {
    notes: createNotes({ database: db, clock: { now }, randomId: randomUUID, signals }),
    noteChanges: createNoteChanges({ database: db, signals }),
    purge: purgeNoteChanges(db),
  };
};

const purgeAll = async (purge: Purge, now: number): Promise<void> => {
  let after: string | undefined = '';
  while (after !== undefined) after = (await purge({ after, limit: STEP_ROWS, now })).next;
};

const runFlows = async ({ services: { database, flows } }: TestAuth, userId: string): Promise<void> => {
  const flow = { kind: 'reset', browser: 'b', address: 'ada@mail.example', ttlMs: MINUTE, maxAlive: 1 };
  await flows.begin({ ...flow, userId });
  const name = await flows.begin({ ...flow, userId });
  await flows.attempt(name, 'reset', 'b');
  await flows.refund(name);
  for (const owner of [{ userId }, { browser: 'b' }, { address: flow.address }, { sid: 's' }]) {
    await flows.find(owner, ['reset']);
    await flows.voidAll({ ...owner, exceptKinds: ['reset'] });
  }
  await flows.holdsAddress(flow.address, { kind: 'reset', exceptUserId: userId });
  await flows.heldAddresses([flow.address], 'reset');
  await database.transaction().execute((transaction) => flows.consume(name, 'reset', transaction));
};

/** Has the server execute each of its statements at least once, on a store that is migrated. */
export const runEachStatement = async (store: TestStore): Promise<void> => {
  const { database } = store;
  const kit = await createTestAuth(store, { rateLimit: true, feed: catchingUp(true) });
  const { clock } = kit;
  const { accountChanges, passwords } = kit.services;
  const { purge, ...services } = createNoteServices(database, clock.now);
  const abort = new AbortController();
  const call = (browser: TestBrowser) => createCaller({ ...browser.context(), ...services }, { signal: abort.signal });
  const refuses = (work: Promise<unknown>) => work.catch(() => undefined);

  const browser = kit.openBrowser();
  await browser.register('ada');
  await refuses(kit.openBrowser().register('ada'));
  await browser.login('ada');
  const other = kit.openBrowser();
  await other.login('ada@mail.example');
  for (let attempts = 0; attempts < 7; attempts += 1) {
    await refuses(
      kit
        .openBrowser()
        .call()
        .auth.login({ username: 'ada', password: `${TEST_PASSWORD}!` }),
    );
  }

  const first = new Map(browser.cookies);
  for (let rounds = 0; rounds < 3; rounds += 1) {
    clock.advance(MINUTE);
    await browser.refresh();
    await browser.refresh();
  }
  const api = call(browser);
  await api.user.me();
  const [session] = (await api.sessions.list()).filter(({ current }) => !current);
  await api.sessions.revoke({ id: session?.id ?? '' });
  await api.sessions.revoke({ id: session?.id ?? '' });
  await api.sessions.revokeOthers();

  const events = await api.events.list({ limit: 1 });
  await api.events.list({ cursor: events.nextCursor ?? '', limit: 1 });

  const note = await api.notes.create({ text: 'one' });
  await api.notes.create({ text: 'one', id: note.id });
  await api.notes.create({ text: 'two' });
  const { nextCursor } = await api.notes.list({ limit: 1 });
  await api.notes.list({ cursor: nextCursor ?? '', limit: 1 });
  const changes = await api.notes.onChange({ lastEventId: '1' });
  for await (const _ of changes) break;
  await api.notes.delete({ id: note.id });

  const { id } = await api.user.me();
  await accountChanges.grantRole(initiator, id, 'admin');
  await accountChanges.revokeRole(initiator, id, 'admin');
  await accountChanges.revokeRole(initiator, id, 'admin', { isForced: true });
  await passwords.changes.setPassword(initiator, id, TEST_PASSWORD);
  await accountChanges.disable(initiator, id);
  await accountChanges.enable(initiator, id);
  await accountChanges.endSessions(initiator, id);
  for await (const _ of accountChanges.list()) break;

  await runFlows(kit, id);

  browser.cookies = first;
  await refuses(browser.refresh());
  await other.login('ada');
  clock.advance(MINUTE);
  const left = new Map(other.cookies);
  for (let rounds = 0; rounds < 2; rounds += 1) {
    await other.refresh();
    clock.advance(MINUTE);
  }
  other.cookies = left;
  await refuses(other.refresh());
  for (let sessions = 0; sessions <= MAX_LIVE_SESSIONS; sessions += 1) await kit.openBrowser().login('ada');
  await other.login('ada');
  await call(other).factors.list();
  await call(other).auth.logout();

  const leaving = kit.openBrowser();
  await leaving.register('leaving');
  await call(leaving).user.export();
  const newPassword = `${TEST_PASSWORD} two`;
  leaving.accessToken = (
    await call(leaving).auth.changePassword({ currentPassword: TEST_PASSWORD, newPassword })
  ).accessToken;
  const { id: leavingId } = await call(leaving).user.me();
  await kit.services.credentials.passwords()?.findReplaced(kit.services.database, leavingId);
  await call(leaving).auth.deleteAccount({ confirm: 'leaving' });

  const deaf = await createTestAuth(store, { feed: catchingUp(false), clock });
  const asking = deaf.openBrowser();
  await asking.login('ada');
  await call(asking).auth.claims();
  await deaf.stop();

  const db = database.db.withTables<AuthTables>();
  const purges = [
    purgeSessions(db, 900_000),
    purgeAccounts(db, 900_000),
    purgeReplaced(db),
    purgeFlows(db),
    purgeLimits(db, PASSWORD_LIMITS),
    purgeRemovals(db, 900_000),
    purgeOldEvents(db, 29 * DAY),
    purgeStrayEvents(db, 300),
  ];
  for (const one of [...purges, purge]) await purgeAll(one, clock.now());
  abort.abort();
  await kit.stop();
};
