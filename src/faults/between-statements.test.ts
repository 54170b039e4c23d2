import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { type AuthTables, isStoreUnavailable, reasonOf, type TablesOf } from 'latchkey/server';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod/v4';
import { createNoteSignals, createNotes, type NoteTables, noteMigrations } from '#server/notes/index.ts';
import { createTestAuth, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { type Failure, failStatements } from '#testing/failing-statements.ts';

/** No operation has as many statements. */
const MAX_STATEMENTS = 40;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const cleanUps: (() => unknown)[] = [];
afterAll(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const openWorld = async (store: TestStore) => {
  const kit = await createTestAuth(store, { rateLimit: true });
  // Its statements would be counted with those of the operations.
  await kit.services.purging.stop();
  cleanUps.push(() => kit.stop());
  await store.database.migrate([{ name: 'app', migrations: noteMigrations(store.database.dialect) }]);
  const db = store.database.db.withTables<TablesOf<AuthTables> & TablesOf<NoteTables>>();
  const notes = createNotes({
    database: store.database.db.withTables<TablesOf<NoteTables>>(),
    clock: kit.clock,
    randomId: randomUUID,
    signals: createNoteSignals(),
  });

  /** All that the store has of somebody, without what is different each time. */
  const stateOf = async (name: string) => {
    const user = await db.selectFrom('auth_users').selectAll().where('username', '=', name).executeTakeFirst();
    if (user === undefined) return 'nobody';
    const sessions = await db
      .selectFrom('auth_sessions')
      .select(['issued', 'confirmed', 'revoked_cause'])
      .where('user_id', '=', user.id)
      .orderBy('created_at')
      .orderBy('revoked_cause')
      .execute();
    const written = await db.selectFrom('notes').select(['text']).where('user_id', '=', user.id).execute();
    const changes = await db.selectFrom('note_changes').select('kind').where('user_id', '=', user.id).execute();
    const { rows: kept } = await sql<{
      hash: string;
    }>`select hash from auth_passwords where user_id = ${user.id}`.execute(db);
    const { roles, ver, disabled_at: disabledAt } = user;
    return { roles, ver, passwordHash: kept[0]?.hash, isDisabled: disabledAt !== null, sessions, written, changes };
  };
  return { kit, notes, db, stateOf };
};

type World = Awaited<ReturnType<typeof openWorld>>;

/** Somebody signed in on two devices, a minute after the other. */
const someone = async ({ kit }: World, name: string) => {
  const browser = kit.openBrowser();
  await browser.register(name);
  kit.clock.advance(MINUTE);
  const phone = kit.openBrowser();
  await phone.login(name);
  const { id } = await browser.call().user.me();
  const initiator = { id: randomUUID(), address: null, userAgent: null };
  return { browser, phone, id, initiator };
};

/** Somebody whose browser presents again a token that it replaced, so long after. */
const someoneLate = async (world: World, name: string, { refreshes, wait }: { refreshes: number; wait: number }) => {
  const person = await someone(world, name);
  const first = new Map(person.browser.cookies);
  for (let refresh = 0; refresh < refreshes; refresh += 1) {
    world.kit.clock.advance(10 * MINUTE);
    await person.browser.refresh();
  }
  for (const [cookie, values] of first) person.browser.cookies.set(cookie, values);
  world.kit.clock.advance(wait);
  return person;
};

interface Attempt {
  run: () => Promise<unknown>;
  /** Sessions that live on whatever happens. */
  alive?: readonly TestBrowser[];
  /** Sessions that are over when it is done. */
  ended?: readonly TestBrowser[];
}

interface Operation {
  operation: string;
  prepare: (world: World, name: string) => Promise<Attempt>;
  /** What `run` is told when all goes well, if it is refused even then. */
  refusedWith?: string;
  /** What it is told when it has taken effect before. */
  refusedAgainWith?: string;
  /** Done twice is done twice: the first login leaves a session behind that nobody can use. */
  isRepeated?: true;
  /** Two things, of which one can be done when the other is not. */
  isTwofold?: true;
}

const operations: readonly Operation[] = [
  {
    operation: 'register',
    prepare: async ({ kit }, name) => {
      const browser = kit.openBrowser();
      return { run: () => browser.register(name) };
    },
    refusedAgainWith: 'username_taken',
  },
  {
    operation: 'login',
    prepare: async ({ kit }, name) => {
      await kit.openBrowser().register(name);
      const browser = kit.openBrowser();
      return { run: () => browser.login(name) };
    },
    isRepeated: true,
  },
  {
    operation: 'rotate',
    prepare: async (world, name) => {
      const { browser, phone } = await someone(world, name);
      world.kit.clock.advance(10 * MINUTE);
      return { run: () => browser.refresh(), alive: [browser, phone] };
    },
  },
  {
    operation: 'replay',
    prepare: async (world, name) => {
      const { browser, phone } = await someoneLate(world, name, { refreshes: 1, wait: 15_000 });
      return { run: () => browser.refresh(), alive: [browser, phone] };
    },
  },
  {
    operation: 'fork',
    prepare: async (world, name) => {
      const { browser, phone } = await someoneLate(world, name, { refreshes: 1, wait: 10 * MINUTE });
      return { run: () => browser.refresh(), alive: [browser, phone] };
    },
  },
  {
    operation: 'recover',
    prepare: async (world, name) => {
      const { browser, phone } = await someone(world, name);
      world.kit.clock.advance(10 * MINUTE);
      await browser.refresh();
      const [{ id } = { id: '' }] = (await browser.call().sessions.list()).filter(({ current }) => current);
      await world.db.updateTable('auth_sessions').set({ issued: 1, confirmed: 0 }).where('id', '=', id).execute();
      return { run: () => browser.refresh(), alive: [browser, phone] };
    },
  },
  {
    operation: 'reuse',
    prepare: async (world, name) => {
      const { browser, phone } = await someoneLate(world, name, { refreshes: 2, wait: 10 * MINUTE });
      return { run: () => browser.refresh(), alive: [phone], ended: [browser] };
    },
    refusedWith: 'refresh_token_reused',
    refusedAgainWith: 'session_revoked',
  },
  {
    operation: 'logout',
    prepare: async (world, name) => {
      const { browser, phone } = await someone(world, name);
      return { run: () => browser.call().auth.logout(), alive: [phone], ended: [browser] };
    },
  },
  {
    operation: 'logout of two sessions, by the cookie of one and the token of the other',
    prepare: async (world, name) => {
      const { browser, phone } = await someone(world, name);
      const both = world.kit.openBrowser();
      for (const [cookie, values] of browser.cookies) both.cookies.set(cookie, values);
      both.accessToken = phone.accessToken;
      return { run: () => both.call().auth.logout(), ended: [browser, phone] };
    },
    isTwofold: true,
  },
  {
    operation: 'revoke',
    prepare: async (world, name) => {
      const { browser, phone } = await someone(world, name);
      const [{ id } = { id: '' }] = (await browser.call().sessions.list()).filter(({ current }) => current);
      return { run: () => phone.call().sessions.revoke({ id }), alive: [phone], ended: [browser] };
    },
  },
  {
    operation: 'revokeOthers',
    prepare: async (world, name) => {
      const { browser, phone } = await someone(world, name);
      return { run: () => phone.call().sessions.revokeOthers(), alive: [phone], ended: [browser] };
    },
  },
  {
    operation: 'a note',
    prepare: async (world, name) => {
      const { phone, id } = await someone(world, name);
      const noteId = randomUUID();
      return { run: () => world.notes.create(id, { id: noteId, text: 'Buy milk' }), alive: [phone] };
    },
  },
  {
    operation: 'a note’s end',
    prepare: async (world, name) => {
      const { phone, id } = await someone(world, name);
      const note = await world.notes.create(id, { text: 'Buy milk' });
      return { run: () => world.notes.delete(id, note.id), alive: [phone] };
    },
  },
  {
    operation: 'a new password',
    // Once more raises the account's version once more.
    isRepeated: true,
    prepare: async (world, name) => {
      const { browser, phone, id, initiator } = await someone(world, name);
      return {
        run: () => world.kit.services.passwords.changes.setPassword(initiator, id, 'another long password'),
        ended: [browser, phone],
      };
    },
  },
  {
    operation: 'disabling',
    prepare: async (world, name) => {
      const { browser, phone, id, initiator } = await someone(world, name);
      return { run: () => world.kit.services.accountChanges.disable(initiator, id), ended: [browser, phone] };
    },
  },
  {
    operation: 'a role',
    prepare: async (world, name) => {
      const { phone, id, initiator } = await someone(world, name);
      return { run: () => world.kit.services.accountChanges.grantRole(initiator, id, 'admin'), alive: [phone] };
    },
  },
  {
    operation: 'the end of all sessions',
    prepare: async (world, name) => {
      const { browser, phone, id, initiator } = await someone(world, name);
      return { run: () => world.kit.services.accountChanges.endSessions(initiator, id), ended: [browser, phone] };
    },
  },
];

const outcomeOf = (run: () => Promise<unknown>): Promise<string> =>
  run().then(
    () => 'done',
    (error: unknown) => reasonOf(error) ?? (isStoreUnavailable(error) ? 'unavailable' : String(error)),
  );

const sidSchema = z.object({ sid: z.string() });

const isEndedInStore = async ({ db }: World, { accessToken = '' }: TestBrowser): Promise<boolean> => {
  const claims: unknown = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString());
  const { sid } = sidSchema.parse(claims);
  const row = await db.selectFrom('auth_sessions').select('revoked_at').where('sid', '=', sid).executeTakeFirst();
  return row?.revoked_at !== null;
};

/** At once where it was ended; when that is not known there, as soon as the feed says so. */
const isRefused = (browser: TestBrowser): Promise<void> =>
  vi.waitFor(async () => expect(await outcomeOf(() => browser.call().auth.claims())).toBe('session_revoked'));

const isAlive = async ({ clock }: TestAuth, browser: TestBrowser): Promise<void> => {
  clock.advance(MINUTE);
  await browser.refresh();
  await browser.call().auth.claims();
};

const cookiesOf = (browsers: readonly TestBrowser[]) => browsers.map(({ cookies }) => Object.fromEntries(cookies));

const stores = eachStore.flatMap(({ dialect, open }) => {
  const failures: readonly Failure[] = dialect === 'postgres' ? ['unsent', 'unanswered'] : ['unsent'];
  return failures.map((failure) => ({ dialect, open, failure }));
});

describe.each(stores)('on $dialect, a statement is $failure', ({ open, failure }) => {
  let store: TestStore;
  let world: World;
  beforeAll(async () => {
    store = await open({ lookIntervalMs: 50 });
    cleanUps.push(() => store.remove());
    world = await openWorld(store);
  });

  test.each(operations.map((operation, index) => ({ ...operation, index })))(
    '$operation: all or nothing, whichever statement it is, and the next attempt succeeds',
    async ({ prepare, refusedWith = 'done', refusedAgainWith = refusedWith, isRepeated, isTwofold, index }) => {
      const { kit, stateOf } = world;
      const statements = await failStatements(store);
      // The limits have forgotten the operation before.
      kit.clock.advance(DAY);

      const model = await prepare(world, `model_${index}`);
      expect(await outcomeOf(model.run)).toBe(refusedWith);
      const done = await stateOf(`model_${index}`);

      for (let n = 1; ; n += 1) {
        expect(n).toBeLessThan(MAX_STATEMENTS);
        const at = `at statement ${n}`;
        const name = `person_${index}_${n}`;
        const { run, alive = [], ended = [] } = await prepare(world, name);
        const [before, cookies] = [await stateOf(name), cookiesOf([...alive, ...ended])];

        statements.failAt(n, failure);
        const outcome = await outcomeOf(run);
        if (!statements.relent()) {
          // It has no such statement: all that it has were tried.
          expect(n).toBeGreaterThan(1);
          expect(outcome).toBe(refusedWith);
          break;
        }

        expect({ at, outcome }).toEqual({ at, outcome: 'unavailable' });
        expect({ at, cookies: cookiesOf([...alive, ...ended]) }).toEqual({ at, cookies });
        const after = await stateOf(name);
        if (!isTwofold)
          expect([
            { at, state: before },
            { at, state: done },
          ]).toContainEqual({ at, state: after });
        for (const browser of ended) if (await isEndedInStore(world, browser)) await isRefused(browser);

        const isDone = JSON.stringify(after) === JSON.stringify(done);
        const outcomeAgain = isDone ? refusedAgainWith : refusedWith;
        expect({ at, outcome: await outcomeOf(run) }).toEqual({ at, outcome: outcomeAgain });
        if (!isRepeated) expect({ at, state: await stateOf(name) }).toEqual({ at, state: done });
        for (const browser of ended) await isRefused(browser);
        for (const browser of alive) await isAlive(kit, browser);
      }
    },
    300_000,
  );
});
