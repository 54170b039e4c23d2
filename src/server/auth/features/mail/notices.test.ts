import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestAuth, TEST_PASSWORD, type TestAuth, type TestBrowser } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import { refusal } from '#testing/refusal.ts';
import { startSmtpServer, type TestSmtpServer } from '#testing/smtp-server.ts';
import { DAY, MINUTE } from '../../clock.ts';

const initiator = { id: 'test', address: '192.0.2.9', userAgent: null };

describe.each(eachStore)('on $dialect', ({ open }) => {
  let store: TestStore;
  let smtp: TestSmtpServer;
  let kit: TestAuth;
  let people = 0;

  beforeAll(async () => {
    store = await open();
    smtp = await startSmtpServer();
    kit = await createTestAuth(store, { smtpUrl: smtp.url });
  });
  afterAll(async () => {
    await kit.stop();
    await smtp.stop();
    await store.remove();
  });
  beforeEach(async () => {
    await kit.auth.work();
    kit.clock.advance(DAY);
    smtp.mails.length = 0;
  });

  const signUp = async ({ isConfirmed }: { isConfirmed: boolean }): Promise<{ name: string; browser: TestBrowser }> => {
    people += 1;
    const name = `person${people}`;
    const browser = kit.openBrowser();
    await browser.register(name);
    if (isConfirmed) {
      await kit.services.database
        .updateTable('auth_users')
        .set({ email_verified_at: kit.clock.now() })
        .where('username', '=', name)
        .execute();
    }
    return { name, browser };
  };
  const sent = async () => {
    await kit.auth.work();
    const notices = smtp.mails.filter(({ kind }) => kind !== 'confirm_address');
    return notices.map(({ kind, recipients }) => `${kind} to ${recipients.join()}`);
  };
  /** What is under way has left by then: it would be broken off. */
  const pass = async (milliseconds: number): Promise<void> => {
    await kit.auth.work();
    kit.clock.advance(milliseconds);
  };

  test('a sign-in from a device that the account does not know is told, and one from a known device is not', async () => {
    const { name, browser } = await signUp({ isConfirmed: true });
    await browser.login(name);
    expect(await sent()).toEqual([]);
    const other = kit.openBrowser();
    await other.login(name);
    expect(await sent()).toEqual([`new_device to ${name}@mail.example`]);
    const mail = smtp.mails.find(({ kind }) => kind === 'new_device');
    expect(mail?.text).toContain('Network address: 192.0.2.1');
    await other.login(name);
    expect(await sent()).toHaveLength(1);
  });

  test('nobody is told of an address that was only claimed', async () => {
    const { name } = await signUp({ isConfirmed: false });
    await kit.openBrowser().login(name);
    expect(await sent()).toEqual([]);
  });

  test('a sign-in that is refused tells nothing and queues nothing', async () => {
    const { name } = await signUp({ isConfirmed: true });
    const login = kit
      .openBrowser()
      .call()
      .auth.login({ username: name, password: `${TEST_PASSWORD}!` });
    expect(await refusal(login)).toBe('invalid_credentials');
    expect(await sent()).toEqual([]);
  });

  test('a new password is told', async () => {
    const { name, browser } = await signUp({ isConfirmed: true });
    const { id } = await browser.call().user.me();
    await kit.services.passwords.changes.setPassword(initiator, id, `${TEST_PASSWORD} two`);
    expect(await sent()).toEqual([`password_changed to ${name}@mail.example`]);
  });

  test('a password that somebody changes themselves is told once', async () => {
    const { name, browser } = await signUp({ isConfirmed: true });
    const newPassword = `${TEST_PASSWORD} two`;
    await browser.call().auth.changePassword({ currentPassword: TEST_PASSWORD, newPassword });
    expect(await sent()).toEqual([`password_changed to ${name}@mail.example`]);
  });

  test('a session that ended because a copy of it was used is told', async () => {
    const { name, browser } = await signUp({ isConfirmed: true });
    const stolen = new Map(browser.cookies);
    for (let rotations = 0; rotations < 2; rotations += 1) {
      await pass(MINUTE);
      await browser.refresh();
    }
    await pass(MINUTE);
    browser.cookies = stolen;
    expect(await refusal(browser.refresh())).toBe('refresh_token_reused');
    expect(await sent()).toEqual([`session_ended to ${name}@mail.example`]);
  });

  test('of a session that is renewed by an old copy again and again the third time is told, and at most once a day', async () => {
    const { name, browser } = await signUp({ isConfirmed: true });
    const stolen = new Map(browser.cookies);
    for (let forks = 0; forks < 6; forks += 1) {
      await pass(MINUTE);
      browser.cookies = new Map(stolen);
      await browser.refresh();
    }
    expect(await sent()).toEqual([`session_forked to ${name}@mail.example`]);

    // Whoever has the copy can begin a series anew as often as they like: one a day is told.
    const series = async (): Promise<void> => {
      browser.cookies = new Map(stolen);
      await browser.login(name);
      const copy = new Map(browser.cookies);
      for (let forks = 0; forks < 4; forks += 1) {
        await pass(MINUTE);
        browser.cookies = new Map(copy);
        await browser.refresh();
      }
    };
    await series();
    expect(await sent()).toHaveLength(1);
    await pass(DAY);
    await series();
    expect(await sent()).toHaveLength(2);
  });
});
