import { sql } from 'kysely';
import { importMembers } from 'latchkey/server/passwords';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noteMigrations } from '#server/notes/index.ts';
import { createTestAuth, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import type { AuditTables } from '../features/audit/audit-tables.ts';
import { reasonOf } from '../refusal.ts';

const DAY = 24 * 60 * 60 * 1000;

/** What is kept of a person and told by no export, each with the reason. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  // How names are looked up: derived from those that are told. What makes tokens stale, and what `passwords` tells.
  auth_users: ['username_key', 'email_key', 'ver', 'ver_raised_at', 'fac', 'deleted_at', 'devices', 'disabled_at'],
  // Secrets, and the counters of the rotation.
  auth_sessions: [
    'sid',
    'user_id',
    'sec_hash',
    'issued',
    'confirmed',
    'handed_at',
    'forks',
    'sver',
    'fresh_hash',
    'fresh_amr',
  ],
  // Secrets, and whose it is.
  auth_flows: ['name_hash', 'user_id', 'sid', 'browser_hash', 'address_hash', 'data', 'ver', 'attempts'],
  // A secret.
  auth_passwords: ['user_id', 'hash'],
  // Secrets; when they were replaced is in the events.
  auth_replaced_passwords: ['user_id', 'hash', 'replaced_at'],
  // By which lines of the log it is found; who else has acted.
  auth_events: ['user_id', 'request_id', 'actor_id'],
  // Secrets; when it is tried again.
  auth_mails: ['user_id', 'content', 'flow_hash', 'try_at'],
};

/** Tables of the app, which exports them by itself. */
const OF_THE_APP = ['notes', 'note_counters', 'note_changes'];

describe.each(eachStore)('on $dialect an export', ({ dialect, open }) => {
  let store: TestStore;
  let kit: TestAuth;
  let browser: TestBrowser;
  let failsFor = '';

  beforeAll(async () => {
    store = await open();
    await store.database.open();
    kit = await createTestAuth(store, {
      rateLimit: true,
      migrations: [{ name: 'app', migrations: noteMigrations(dialect) }],
      onExport: ({ user }) => {
        if (user.username === failsFor) throw new Error('The app has failed.');
        return { of: user.username };
      },
    });
    browser = kit.openBrowser();
    await browser.register('ada');
  });
  afterAll(async () => {
    await kit.stop();
    await store.remove();
  });

  const columns = async (): Promise<Map<string, string[]>> => {
    const { rows } = await (dialect === 'postgres'
      ? sql<{ table: string; column: string }>`select table_name as table, column_name as column
          from information_schema.columns where table_schema = current_schema()`
      : sql<{ table: string; column: string }>`select m.name as "table", c.name as "column"
          from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table'`
    ).execute(store.database.db);
    const byTable = new Map<string, string[]>();
    for (const { table, column } of rows) byTable.set(table, [...(byTable.get(table) ?? []), column]);
    return byTable;
  };

  test('knows every table that keeps something of a person: a new one is a decision here', async () => {
    const ofPersons = [...(await columns())].filter(
      ([table, names]) => table === 'auth_users' || names.includes('user_id'),
    );
    expect(ofPersons.map(([table]) => table).toSorted()).toEqual([...Object.keys(LEFT_OUT), ...OF_THE_APP].toSorted());
    for (const [table, names] of ofPersons) {
      expect(names).toEqual(expect.arrayContaining([...(LEFT_OUT[table] ?? [])]));
    }
  });

  test('holds all that those tables keep, but what is left out on purpose, and no secret', async () => {
    kit.clock.advance(DAY);
    await browser.login('ada');
    await kit.openBrowser().login('ada');
    await kit
      .openBrowser()
      .call()
      .auth.login({ username: 'ada', password: 'not the password' })
      .catch(() => undefined);
    const { id } = await browser.call().user.me();
    await kit.services.flows.begin({ kind: 'confirm_address', userId: id, ttlMs: DAY, ver: 1 });
    await sql`insert into auth_mails (id, kind, user_id, content, attempts, try_at, created_at, ends_at, over_at, outcome)
      values ('a-mail', 'reset', ${id}, 'sealed', 7, 1, 86400000, 172800000, 259200000, 'sent')`.execute(
      store.database.db,
    );
    await sql`insert into auth_replaced_passwords (user_id, hash, replaced_at)
      values (${id}, ${'$argon2id$'.padEnd(60, 'x')}, 1)`.execute(store.database.db);
    await sql`update auth_users set email_verified_at = 345600000 where id = ${id}`.execute(store.database.db);

    const exported = await browser.call().user.export();
    const text = JSON.stringify(exported);
    const shown = (value: unknown): string[] =>
      typeof value === 'number' ? [String(value), new Date(value).toISOString()] : [JSON.stringify(value).slice(1, -1)];
    let looked = 0;
    for (const [table, names] of await columns()) {
      const left = LEFT_OUT[table];
      if (left === undefined) continue;
      const owner = table === 'auth_users' ? 'id' : 'user_id';
      const { rows } = await sql<
        Record<string, unknown>
      >`select * from ${sql.table(table)} where ${sql.ref(owner)} = ${id}`.execute(store.database.db);
      expect([table, rows.length > 0]).toEqual([table, true]);
      for (const row of rows) {
        // Of the export itself, which is recorded behind it.
        if (row['event'] === 'account.exported') continue;
        for (const name of names) {
          const value = row[name];
          if (value === null || value === '') continue;
          if (left.includes(name)) {
            const isSecret = typeof value === 'string' && value.length > 40;
            if (isSecret && name !== 'user_id')
              expect([table, name, text.includes(value)]).toEqual([table, name, false]);
            continue;
          }
          if (name === 'detail' || name === 'amr' || name === 'email_verified_at') continue;
          const found = shown(
            name === 'idle_ends_at' || name === 'absolute_ends_at'
              ? Math.min(Number(row['idle_ends_at']), Number(row['absolute_ends_at']))
              : value,
          );
          expect([table, name, found.some((one) => text.includes(one))]).toEqual([table, name, true]);
          looked += 1;
        }
      }
    }
    expect(looked).toBeGreaterThan(40);
    expect(exported).toMatchObject({
      user: { username: 'ada', emailVerified: true },
      app: { of: 'ada' },
      features: {
        passwords: { hasPassword: true },
        audit: expect.arrayContaining([expect.objectContaining({ event: 'login', outcome: 'refused' })]),
      },
    });
  });

  test('is one’s own: nothing of anybody else is in it', async () => {
    const other = kit.openBrowser();
    await other.register('grace');
    const { id } = await browser.call().user.me();
    const text = JSON.stringify(await other.call().user.export());
    for (const word of ['"ada"', id, 'ada@mail.example']) expect(text).not.toContain(word);
  });

  test('is told once it is made: one that fails half-way is neither recorded nor counted', async () => {
    const person = kit.openBrowser();
    await person.register('hedy');
    const { id } = await person.call().user.me();
    const told = () => kit.events.filter(({ event }) => event === 'account.exported');
    const recorded = () =>
      store.database.db
        .withTables<AuditTables>()
        .selectFrom('auth_events')
        .select('event')
        .where('user_id', '=', id)
        .where('event', '=', 'account.exported')
        .execute();
    const before = told().length;
    failsFor = 'hedy';
    for (let times = 0; times < 5; times += 1) {
      await expect(person.call().user.export()).rejects.toThrow('The app has failed.');
    }
    expect([told().length - before, await recorded()]).toEqual([0, []]);
    failsFor = '';
    await person.call().user.export();
    expect([told().length - before, (await recorded()).length]).toEqual([1, 1]);
  });

  test('is made three times a day', async () => {
    const person = kit.openBrowser();
    await person.register('linus');
    const reasons: (string | undefined)[] = [];
    const attempt = () =>
      person
        .call()
        .user.export()
        .then(() => undefined, reasonOf);
    for (let times = 0; times < 4; times += 1) reasons.push(await attempt());
    kit.clock.advance(DAY);
    await person.login('linus');
    reasons.push(await attempt(), await attempt());
    expect(reasons).toEqual([undefined, undefined, undefined, 'rate_limited', undefined, undefined]);
  });

  test('lists what can prove who one is, and is empty of what no feature knows', async () => {
    await browser.login('ada');
    const empty = {
      totp: [],
      passkeys: [],
      passkeyUserHandle: null,
      recoveryCodesLeft: 0,
      trustedBrowsers: 0,
      identities: [],
    };
    expect(await browser.call().factors.list()).toEqual({ ...empty, hasPassword: true });
    await importMembers(kit.auth, [{ id: 'bare', username: 'bare' }]);
    expect(await kit.services.accountHooks.describe('bare')).toEqual({ ...empty, hasPassword: false });
  });
});
