import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestAuth, createTestKeys, type TestAuth, testRouter } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { startSmtpServer, type TestSmtpServer } from '#testing/smtp-server.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../clock.ts';
import { createFetchHandler } from '../../http/fetch.ts';
import type { QueuedMail } from '../../mail/mail.ts';
import type { AuditTables } from '../audit/audit-tables.ts';
import type { MailTables } from './mail-tables.ts';

const notice = (to: string, more: Partial<QueuedMail> = {}): QueuedMail => ({
  kind: 'password_changed',
  userId: null,
  to,
  username: 'ada',
  ...more,
});

describe.each(eachStore)('on $dialect', ({ open }) => {
  let store: TestStore;
  let smtp: TestSmtpServer;
  let kit: TestAuth;
  const keys = createTestKeys();

  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store.remove());
  beforeEach(async () => {
    smtp = await startSmtpServer();
    kit = await createTestAuth(store, { ...keys, smtpUrl: smtp.url, mailFrom: 'Latchkey <no-reply@app.example>' });
  });
  afterEach(async () => {
    await kit.stop();
    await smtp.stop();
    await mails().deleteFrom('auth_mails').execute();
  });

  const mails = () => store.database.db.withTables<MailTables>();
  const rows = () => mails().selectFrom('auth_mails').selectAll().orderBy('created_at').execute();
  const queue = async (...queued: QueuedMail[]): Promise<void> => {
    const { database, mail } = kit.services;
    await database.transaction().execute(async (transaction) => {
      for (const one of queued) await mail.queue(transaction, one);
    });
    mail.sent();
  };
  /** All that is due by now has been tried. */
  const settle = () => kit.auth.work();
  const endings = () => kit.events.filter(({ event }) => event.startsWith('mail.')).map(({ event }) => event);

  test('a mail leaves with the commit, once, and nothing of it stays but that it has left', async () => {
    await queue(notice('ada@mail.example'));
    const [mail] = await smtp.received(1);
    await settle();
    expect(mail).toMatchObject({ kind: 'password_changed', recipients: ['ada@mail.example'] });
    expect(mail?.parsed.from?.text).toBe('"Latchkey" <no-reply@app.example>');
    const [row] = await rows();
    expect(row).toMatchObject({ outcome: 'sent', content: '', attempts: 1 });
    expect(mail?.messageId).toBe(`<${row?.id}@app.example>`);
    expect(endings()).toEqual(['mail.sent']);
    await settle();
    expect(smtp.mails).toHaveLength(1);
  });

  test('what is rolled back was never queued', async () => {
    const { database, mail } = kit.services;
    const failed = database.transaction().execute(async (transaction) => {
      await mail.queue(transaction, notice('ada@mail.example'));
      throw new Error('rolled back');
    });
    await expect(failed).rejects.toThrow('rolled back');
    expect(await rows()).toEqual([]);
  });

  test('what waits is sealed: neither address nor token can be read in the store', async () => {
    const { database, mail } = kit.services;
    const link = { token: 'canary-token', endsAt: kit.clock.now() + HOUR };
    const canary = notice('canary@mail.example', { link });
    await database.transaction().execute((transaction) => mail.queue(transaction, canary));
    const [row] = await rows();
    expect(row?.content.length).toBeGreaterThan(50);
    expect(JSON.stringify(row)).not.toContain('canary');
  });

  test('with the server down a mail is tried after a minute, then ever later, at most after six hours', async () => {
    await smtp.stop();
    await queue(notice('ada@mail.example'));
    await settle();
    const waits: number[] = [];
    for (let attempts = 0; attempts < 12; attempts += 1) {
      const [row] = await rows();
      waits.push((row?.try_at ?? 0) - kit.clock.now());
      kit.clock.advance(waits.at(-1) ?? 0);
      await settle();
    }
    expect(waits.map((wait) => wait / MINUTE)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]);
    expect(endings()).toEqual([]);
  });

  test('and given up after three days, with an event that the operator sees', async () => {
    await smtp.stop();
    await queue(notice('ada@mail.example'));
    await settle();
    for (let hours = 0; hours <= 72; hours += 6) {
      kit.clock.advance(6 * HOUR);
      await settle();
    }
    expect(await rows()).toMatchObject([{ outcome: 'failed', content: '' }]);
    expect(kit.events.at(-1)).toMatchObject({ event: 'mail.failed', kind: 'password_changed', reason: 'given_up' });
    const recorded = await store.database.db
      .withTables<AuditTables>()
      .selectFrom('auth_events')
      .select(['event', 'detail'])
      .where('request_id', '=', 'outbox')
      .execute();
    // Those that left are told by the log alone.
    expect(recorded).toEqual([{ event: 'mail.failed', detail: expect.stringContaining('"reason":"given_up"') }]);
  });

  test('so is one whose link would still be good, and one whose link is over by then is dropped', async () => {
    const { flows } = kit.services;
    const begin = (kind: string, ttlMs: number) => flows.begin({ kind, address: 'old@mail.example', ttlMs });
    const wayBack = { token: await begin('revert_email', 7 * DAY), endsAt: kit.clock.now() + 7 * DAY };
    const confirmation = { token: await begin('registration', DAY), endsAt: kit.clock.now() + DAY };
    await smtp.stop();
    await queue(
      notice('old@mail.example', { kind: 'address_changed', link: wayBack }),
      notice('old@mail.example', { kind: 'confirm_address', link: confirmation }),
    );
    await settle();
    for (let hours = 0; hours <= 72; hours += 6) {
      kit.clock.advance(6 * HOUR);
      await settle();
    }
    // The other one was over two days ago, and is removed.
    expect(await rows()).toMatchObject([{ kind: 'address_changed', outcome: 'failed' }]);
    const failed = { event: 'mail.failed', kind: 'address_changed', reason: 'given_up' };
    const told = kit.events.filter(({ event }) => event.startsWith('mail.'));
    expect(told).toMatchObject([{ event: 'mail.dropped', kind: 'confirm_address' }, failed]);
    const recorded = await store.database.db
      .withTables<AuditTables>()
      .selectFrom('auth_events')
      .select('event')
      .where('detail', 'like', '%given_up%address_changed%')
      .execute();
    expect(recorded).toEqual([{ event: 'mail.failed' }]);
  });

  test('a server that comes back is sent what has waited, with the same id at each try', async () => {
    smtp.behave({ code: 451, at: 'recipient' });
    await queue(notice('ada@mail.example'));
    await settle();
    smtp.behave('cut');
    kit.clock.advance(MINUTE);
    await settle();
    smtp.behave('take');
    kit.clock.advance(2 * MINUTE);
    await settle();
    const ids = smtp.mails.map(({ messageId }) => messageId);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
    expect(endings()).toEqual(['mail.sent']);
  });

  test.each([
    { code: 550, at: 'recipient' },
    { code: 554, at: 'data' },
  ] as const)('a $code to the $at is the end of it', async (refusal) => {
    smtp.behave(refusal);
    await queue(notice('nobody@mail.example', { userId: null }));
    await settle();
    expect(await rows()).toMatchObject([{ outcome: 'failed', attempts: 1, content: '' }]);
    expect(kit.events.at(-1)).toMatchObject({ event: 'mail.failed', reason: 'refused' });
    kit.clock.advance(DAY);
    await settle();
    expect(smtp.attempts()).toBe(1);
  });

  test('a server that hangs holds up neither the caller nor a mail behind it, and is left within the lease', async () => {
    smtp.behave('hang');
    await queue(notice('slow@mail.example'));
    await expect.poll(() => smtp.attempts()).toBe(1);
    smtp.behave('take');
    await queue(notice('quick@mail.example'));
    const [quick] = await smtp.received(1);
    expect(quick?.recipients).toEqual(['quick@mail.example']);
    await expect.poll(endings).toEqual(['mail.sent']);
    kit.clock.advance(45 * SECOND);
    await settle();
    const slow = (await rows()).find(({ over_at: overAt }) => overAt === null);
    expect(slow).toMatchObject({ attempts: 1 });
    expect(slow?.try_at).toBe(kit.clock.now() + MINUTE);
    kit.clock.advance(MINUTE);
    await settle();
    expect(smtp.mails).toHaveLength(2);
  });

  test('a mail whose link is over is dropped: used, too old, or of an account that has changed', async () => {
    const browser = kit.openBrowser();
    await browser.register('ada');
    const { flows, database, accountChanges } = kit.services;
    const { id } = await browser.call().user.me();
    // The confirmation of her address.
    await smtp.received(1);
    await settle();
    kit.events.length = 0;
    await smtp.stop();
    const begin = (ttlMs: number) => flows.begin({ kind: 'test', userId: id, ver: 1, ttlMs });
    const [alive, used, short, stale] = await Promise.all([begin(DAY), begin(DAY), begin(HOUR), begin(DAY)]);
    const to = 'ada@mail.example';
    for (const token of [alive, used, short, stale]) {
      const endsAt = kit.clock.now() + (token === short ? HOUR : DAY);
      await queue(notice(to, { kind: 'reset', userId: id, link: { token, endsAt } }));
    }
    await settle();
    await database.transaction().execute((transaction) => flows.consume(used, 'test', transaction));
    kit.clock.advance(2 * HOUR);
    smtp = await startSmtpServer({ port: smtp.port });
    await settle();
    expect(smtp.mails.map(({ token }) => token).toSorted()).toEqual([alive, stale].toSorted());
    expect(endings().toSorted()).toEqual(['mail.dropped', 'mail.dropped', 'mail.sent', 'mail.sent']);

    const late = await begin(DAY);
    await accountChanges.grantRole({ id: 'test', address: null, userAgent: null }, id, 'admin');
    await queue(notice(to, { kind: 'reset', userId: id, link: { token: late, endsAt: kit.clock.now() + DAY } }));
    await settle();
    expect(smtp.mails).toHaveLength(2);
  });

  test('nothing leaves for an account that is gone but that it is gone', async () => {
    const browser = kit.openBrowser();
    await browser.register('gone');
    await settle();
    smtp.mails.length = 0;
    const { id } = await browser.call().user.me();
    await smtp.stop();
    // Queued by a transaction that the deletion did not see.
    await kit.services.database.updateTable('auth_users').set({ deleted_at: 1 }).where('id', '=', id).execute();
    await queue(
      notice('ada@mail.example', { userId: id }),
      notice('ada@mail.example', { userId: 'no row' }),
      notice('ada@mail.example', { userId: id, kind: 'account_deleted' }),
      notice('new@mail.example', { userId: null, kind: 'account_exists' }),
    );
    await settle();
    smtp = await startSmtpServer({ port: smtp.port });
    kit.clock.advance(MINUTE);
    await settle();
    expect(smtp.mails.map(({ kind }) => kind).toSorted()).toEqual(['account_deleted', 'account_exists']);
  });

  test('nor for one that was deleted while a request of it was still writing a mail', async () => {
    const browser = kit.openBrowser();
    await browser.register('ada_who_leaves');
    const { id } = await browser.call().user.me();
    await smtp.received(1);
    await browser.call().auth.deleteAccount({ confirm: 'ada_who_leaves' });
    await queue(notice('new@mail.example', { userId: id }));
    await settle();
    expect(smtp.mails).toHaveLength(1);
    expect(endings().toSorted()).toEqual(['mail.dropped', 'mail.sent']);
  });

  test('where timers sleep a mail leaves with the next request, which waitUntil is handed', async () => {
    const { database, mail } = kit.services;
    await kit.auth.work();
    await database.transaction().execute((transaction) => mail.queue(transaction, notice('ada@mail.example')));
    const waiting: Promise<void>[] = [];
    const handle = createFetchHandler({
      auth: kit.auth,
      router: testRouter,
      waitUntil: (promise) => void waiting.push(promise),
    });
    const request = () => handle(new Request('https://app.example/api/trpc/user.me'));
    expect((await request()).status).toBe(401);
    await Promise.all(waiting);
    expect(smtp.mails).toEqual([]);
    // No timer goes off by it.
    kit.clock.sleep(10 * SECOND);
    await request();
    await Promise.all(waiting);
    expect(smtp.mails).toHaveLength(1);
  });

  test('what has left is removed a day later', async () => {
    await queue(notice('ada@mail.example'));
    await settle();
    kit.clock.advance(DAY - SECOND);
    await kit.auth.work();
    expect(await rows()).toHaveLength(1);
    kit.clock.advance(2 * SECOND);
    await kit.auth.work();
    expect(await rows()).toEqual([]);
  });

  test('two processes send 50 mails, each once, and one that dies half-way loses none', async () => {
    await smtp.stop();
    const { mail, database } = kit.services;
    await database.transaction().execute(async (transaction) => {
      for (let index = 0; index < 50; index += 1) await mail.queue(transaction, notice(`m${index}@mail.example`));
    });
    smtp = await startSmtpServer({ port: smtp.port });
    // It has taken five, and is never heard of again.
    await mails()
      .updateTable('auth_mails')
      .set({ try_at: kit.clock.now() + MINUTE, attempts: 1 })
      .where('id', 'in', (select) => select.selectFrom('auth_mails').select('id').limit(5))
      .execute();
    const other = await createTestAuth(store, { ...keys, smtpUrl: smtp.url, clock: kit.clock });
    await Promise.all([kit.auth.work(), other.auth.work()]);
    expect(smtp.mails).toHaveLength(45);
    kit.clock.advance(MINUTE);
    await Promise.all([kit.auth.work(), other.auth.work()]);
    await other.stop();
    const recipients = smtp.mails.flatMap((received) => received.recipients);
    expect(recipients).toHaveLength(50);
    expect(new Set(recipients).size).toBe(50);
  });

  test('a mail that no secret opens any more is an end with an event, and holds up no other', async () => {
    await smtp.stop();
    await queue(notice('lost@mail.example'));
    await settle();
    await kit.stop();
    smtp = await startSmtpServer({ port: smtp.port });
    const next = await createTestAuth(store, { smtpUrl: smtp.url, clock: kit.clock });
    kit.clock.advance(HOUR);
    await next.auth.work();
    expect(next.events.at(-1)).toMatchObject({ event: 'mail.failed', reason: 'unreadable' });
    await next.stop();
  });
});
