import { sql } from 'kysely';
import type { EventSummary } from 'latchkey/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod/v4';
import { createTestAuth, TEST_PASSWORD, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { failStatements } from '#testing/failing-statements.ts';
import type { AuditTables } from './audit-tables.ts';
import { MAX_STRAY_EVENTS, purgeStrayEvents } from './purge-events.ts';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;

const tellingOf = ({ event, outcome, detail }: Pick<EventSummary, 'event' | 'outcome' | 'detail'>): string =>
  [event, outcome, ...Object.entries(detail).map(([name, value]) => `${name}=${value}`)].join(' ');

const causeOf = (detail: string): string => z.object({ cause: z.string() }).parse(JSON.parse(detail)).cause;

describe.each(eachStore)('on $dialect', ({ open }) => {
  let store: TestStore;
  let kit: TestAuth;
  let browser: TestBrowser;
  let userId: string;
  let username: string;
  let people = 0;

  beforeAll(async () => {
    store = await open();
    kit = await createTestAuth(store);
  });
  beforeEach(async () => {
    people += 1;
    username = `ada_${people}`;
    browser = kit.openBrowser();
    await browser.register(username);
    userId = (await browser.call().user.me()).id;
  });
  afterAll(async () => {
    await kit.stop();
    await store.remove();
  });

  const rows = () => store.database.db.withTables<AuditTables>().selectFrom('auth_events');
  const list = async (by = browser) => (await by.call().events.list()).events;
  const guess = (name: string) =>
    kit
      .openBrowser()
      .call()
      .auth.login({ username: name, password: `${TEST_PASSWORD}!` })
      .catch(() => undefined);

  test('people see what happened to their account, newest first, and nobody else’s', async () => {
    const other = kit.openBrowser();
    await other.register(`grace_${people}`);
    await guess(username);
    await browser.login(username);
    const [session] = await browser.call().sessions.list();
    await kit.services.accountChanges.grantRole({ id: 'r', address: null, userAgent: null }, userId, 'admin');
    await browser.refresh();

    expect((await list()).map(tellingOf)).toEqual([
      'role.granted succeeded role=admin',
      'login succeeded',
      'session.ended succeeded cause=replaced',
      'login refused reason=invalid_credentials',
      'account.registered succeeded',
    ]);
    expect((await list())[1]).toEqual({
      id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/),
      at: new Date(kit.clock.now()).toISOString(),
      event: 'login',
      outcome: 'succeeded',
      ip: '192.0.2.1',
      userAgent: 'test',
      sessionId: session?.id,
      detail: {},
    });
    expect((await list(other)).map(tellingOf)).toEqual(['account.registered succeeded']);
  });

  test('a page leads to the next, steady while events are added', async () => {
    for (let logins = 0; logins < 5; logins += 1) await kit.openBrowser().login(username);
    const all = await list();
    expect(all).toHaveLength(6);
    const seen: EventSummary[] = [];
    let cursor: string | undefined;
    do {
      const page = await browser.call().events.list({ limit: 2, cursor });
      seen.push(...page.events);
      cursor = page.nextCursor ?? undefined;
      await kit.openBrowser().login(username);
    } while (cursor !== undefined);
    expect(seen).toEqual(all);
    expect((await browser.call().events.list({ limit: 100 })).nextCursor).toBeNull();
  });

  test('a cursor of another, or of nobody, is refused', async () => {
    await browser.login(username);
    const { nextCursor } = await browser.call().events.list({ limit: 1 });
    const other = kit.openBrowser();
    await other.register(`grace_${people}`);
    const own = String(nextCursor);
    for (const cursor of [own, '', 'x', `${own.slice(0, -1)}${own.endsWith('A') ? 'B' : 'A'}`, '\0'.repeat(30)]) {
      const by = cursor === own ? other : browser;
      await expect(by.call().events.list({ cursor })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    }
    for (const limit of [0, 101, 1.5]) {
      await expect(browser.call().events.list({ limit })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    }
  });

  test('who else has done something is not told, nor from where; the shell is named as such', async () => {
    const shell = { actor: 'shell', systemUser: 'root' } as const;
    await kit.services.accountChanges.grantRole(
      { id: 'r', address: '203.0.113.9', userAgent: 'the admin’s', operator: shell },
      userId,
      'admin',
    );
    await browser.refresh();
    const [granted] = await list();
    expect(granted).toMatchObject({ event: 'role.granted', ip: null, userAgent: null });
    expect(granted?.detail).toEqual({ role: 'admin', actor: 'shell' });
    const kept = await rows().selectAll().where('user_id', '=', userId).where('event', '=', 'role.granted').execute();
    expect(kept).toMatchObject([{ ip: '203.0.113.9', user_agent: 'the admin’s' }]);
    expect(JSON.parse(kept[0]?.detail ?? '')).toMatchObject({ systemUser: 'root' });
  });

  test('a login with a name that no account has is nobody’s', async () => {
    const before = await list();
    await guess('no_such_person');
    expect(await list()).toEqual(before);
    const stray = await rows().selectAll().where('user_id', 'is', null).execute();
    expect(stray).toMatchObject([{ event: 'login', outcome: 'refused', session_id: null }]);
    // What was typed may be a password.
    expect(JSON.stringify(stray)).not.toContain('no_such_person');
  });

  test('what others chose is kept in one line, well-formed and bounded', async () => {
    const context = browser.context();
    const agent = `a\r\nb\0c\ud800d\u202ee${'😀'.repeat(600)}`;
    const request = { ...context.request, userAgent: agent, id: 'x'.repeat(5_000) };
    const principal = await kit.services.gate.authenticate(context.request.authorization);
    await kit.services.sessions.logout(request, undefined, principal);
    browser.cookies.clear();
    await browser.login(username);
    const [, ended] = await list();
    expect(ended?.userAgent?.startsWith('a\ufffd\ufffdb\ufffdc\ufffdd\ufffde😀')).toBe(true);
    expect([...(ended?.userAgent ?? '')]).toHaveLength(512);
    expect(() => encodeURIComponent(ended?.userAgent ?? '')).not.toThrow();
  });

  test('events older than they are to be kept go, in steps, and younger ones stay', async () => {
    const [first] = await list();
    kit.clock.advance(400 * DAY);
    await browser.login(username);
    expect((await list()).map(({ event }) => event)).toContain('account.registered');
    kit.clock.advance(1);
    await kit.services.purging.once();
    expect((await list()).map(({ event }) => event)).toEqual(['login']);
    expect(
      await rows()
        .select('id')
        .where('id', '=', first?.id ?? '')
        .execute(),
    ).toEqual([]);
  });

  test('what strangers can add stays small, and takes nothing of anybody’s list', async () => {
    const before = await list();
    const numbers =
      store.database.dialect === 'postgres'
        ? sql`n as (select i from generate_series(1, 12000) as i)`
        : sql`recursive n (i) as (select 1 union all select i + 1 from n where i < 12000)`;
    await sql`with ${numbers} insert into auth_events (id, at, event, outcome, request_id, detail)
      select '0000' || cast(100000 + i as text), 0, 'login', 'refused', 'r', '{}' from n`.execute(store.database.db);
    const purge = purgeStrayEvents(store.database.db.withTables<AuditTables>());
    let after: string | undefined = '';
    while (after !== undefined) after = (await purge({ after, limit: 500, now: kit.clock.now() })).next;
    const stray = await rows().select('id').where('user_id', 'is', null).orderBy('id').execute();
    expect(stray).toHaveLength(MAX_STRAY_EVENTS);
    expect(await list()).toEqual(before);
  });

  test('an event and what it tells are kept together, whichever statement fails', async () => {
    const failing = await failStatements(store);
    const { db } = store.database;
    const kept = async () => {
      const { rows: sessions } = await sql<{ id: string; cause: string | null }>`
        select id, revoked_cause as cause from auth_sessions where user_id = ${userId}`.execute(db);
      const events = await rows().selectAll().where('user_id', '=', userId).execute();
      const of = (wanted: string[]) =>
        events.filter(({ event, outcome }) => wanted.includes(event) && outcome === 'succeeded');
      return {
        started: sessions.map(({ id }) => id).toSorted(),
        startedByEvents: of(['login', 'account.registered'])
          .map(({ session_id: id }) => id)
          .toSorted(),
        ended: sessions.flatMap(({ id, cause }) => (cause === null ? [] : `${id} ${cause}`)).toSorted(),
        endedByEvents: of(['session.ended'])
          .map(({ session_id: id, detail }) => `${id} ${causeOf(detail)}`)
          .toSorted(),
      };
    };
    const failures: string[] = [];
    for (const failure of store.database.dialect === 'postgres'
      ? (['unsent', 'unanswered'] as const)
      : (['unsent'] as const)) {
      for (const [name, change] of [
        ['login', () => browser.login(username)],
        ['logout', () => browser.call().auth.logout()],
      ] as const) {
        for (let statement = 1; statement < 20; statement += 1) {
          failing.failAt(statement, failure);
          await change().catch(() => undefined);
          const hasFailed = failing.relent();
          const { started, startedByEvents, ended, endedByEvents } = await kept();
          expect([startedByEvents, endedByEvents]).toEqual([started, ended]);
          if (!hasFailed) break;
          failures.push(name);
          await browser.login(username);
        }
      }
    }
    expect(failures.filter((name) => name === 'login').length).toBeGreaterThan(5);
    expect(failures.filter((name) => name === 'logout').length).toBeGreaterThan(2);
  });
});
