import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecretKeySet, systemClock, type TablesOf } from 'latchkey/server';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createTestAuth, createTestSecret, type TestBrowser } from '#testing/auth.ts';
import { eachStore } from '#testing/each-store.ts';
import { freePort } from '#testing/free-port.ts';
import { isHeavy } from '#testing/heavy.ts';
import { startServerProcess } from '#testing/server-process.ts';
import { type ReceivedMail, startSmtpServer } from '#testing/smtp-server.ts';
import { createBrowser } from './browser.ts';

/** What is looked at of the store. */
interface Tables {
  auth_mails: { kind: string; attempts: number; try_at: number; over_at: number | null; outcome: string | null };
  auth_users: { email_verified_at: number | null };
}

/** How many mails wait: MAILS, else 1,000 with HEAVY, else few. */
const MAILS = Number(process.env.MAILS ?? (isHeavy ? 1000 : 40));
/** How many accounts are deleted while theirs wait. */
const DELETED = 3;
/** How many one process has under way at once. */
const LANES = 5;
const MINUTE = 60_000;
const LONG = 120_000 + 200 * MAILS;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** The same person's browser, as it calls a server of its own. */
const continueAt = (url: string, { cookies, accessToken = '' }: TestBrowser) => {
  const browser = createBrowser(() => url);
  for (const [name, [value = '']] of cookies) browser.cookies.set(name, value);
  browser.accessToken = accessToken;
  return browser;
};

describe.each(eachStore)('on $dialect', ({ dialect, open }) => {
  test(
    `of ${MAILS} mails that wait for a server that is down none is lost when a process is killed half-way, and none ` +
      'comes twice but those that it had just sent',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'latchkey-clock-'));
      const clockFile = join(folder, 'clock');
      cleanUps.push(() => rmSync(folder, { recursive: true }));
      const letPass = (milliseconds: number): void => writeFileSync(clockFile, String(milliseconds));
      letPass(0);
      const store = await open();
      cleanUps.push(store.remove);
      const port = await freePort();
      const variables = {
        ...('databaseUrl' in store.location && { DATABASE_URL: store.location.databaseUrl ?? '' }),
        DATA_DIR: store.location.dataDir,
        PUBLIC_URL: 'http://localhost',
        ACCESS_TOKEN_SECRET: createTestSecret(),
        REFRESH_TOKEN_SECRET: createTestSecret(),
        DATA_SECRET: createTestSecret(),
        SMTP_URL: `smtp://127.0.0.1:${port}`,
        MAIL_FROM: 'no-reply@app.example',
        TEST_CLOCK: clockFile,
      };
      const mails = () => store.database.db.withTables<TablesOf<Tables>>();
      const rows = () => mails().selectFrom('auth_mails').selectAll().execute();
      const isWaiting = async (count: number): Promise<void> =>
        await vi.waitFor(
          async () => expect((await rows()).filter(({ over_at: overAt }) => overAt === null)).toHaveLength(count),
          { timeout: LONG, interval: 100 },
        );

      // They register where the server is down already.
      const kit = await createTestAuth(store, {
        clock: systemClock,
        publicUrl: variables.PUBLIC_URL,
        accessTokenKeys: createSecretKeySet([variables.ACCESS_TOKEN_SECRET]),
        refreshTokenKeys: createSecretKeySet([variables.REFRESH_TOKEN_SECRET]),
        dataSecrets: [variables.DATA_SECRET],
        smtpUrl: variables.SMTP_URL,
        mailFrom: variables.MAIL_FROM,
      });
      const people: TestBrowser[] = [];
      for (let index = 0; index < MAILS; index += 1) {
        const person = kit.openBrowser();
        await person.register(`person_${index}`);
        people.push(person);
      }
      await kit.stop();
      expect((await rows()).filter(({ attempts }) => attempts > 0)).not.toEqual([]);
      await mails().updateTable('auth_users').set({ email_verified_at: 1 }).execute();
      // None is under way while the clock is moved on, which would break it off.
      await mails()
        .updateTable('auth_mails')
        .set({ try_at: Date.now() + 2 * MINUTE })
        .execute();

      const startProcess = async () => {
        const server = await startServerProcess(variables);
        cleanUps.push(server.kill);
        await vi.waitFor(async () => expect((await fetch(`${server.url}/readyz`)).status).toBe(200), LONG);
        return server;
      };
      const [first, second] = [await startProcess(), dialect === 'postgres' ? await startProcess() : undefined];
      const smtp = await startSmtpServer({ port });
      cleanUps.push(smtp.stop);
      for (const [index, person] of people.slice(0, DELETED).entries()) {
        const browser = continueAt(first.url, person);
        const deleted = await browser.call('auth.deleteAccount', { input: { confirm: `person_${index}` } });
        expect(deleted).toMatchObject({ status: 200 });
      }

      await isWaiting(MAILS - DELETED);
      smtp.behave('hold');
      letPass(5 * MINUTE);
      const held = await smtp.received(DELETED + (second === undefined ? 1 : 2) * LANES);
      await first.kill();
      smtp.behave('take');
      if (second === undefined) await startProcess();
      // What the killed one had taken is nobody's for a minute.
      await isWaiting(LANES);
      letPass(10 * MINUTE);
      await isWaiting(0);

      const outcomes = (await rows()).map(({ kind, outcome }) => `${kind} ${outcome}`);
      const count = (what: string): number => outcomes.filter((outcome) => outcome === what).length;
      expect(count('confirm_address dropped')).toBe(DELETED);
      expect(count('confirm_address sent')).toBe(MAILS - DELETED);
      expect(count('account_deleted sent')).toBe(DELETED);
      expect(outcomes).toHaveLength(MAILS + DELETED);

      const gone = new Set(people.slice(0, DELETED).map((_, index) => `person_${index}@mail.example`));
      const mailsOf = new Map<string, ReceivedMail[]>();
      for (const mail of smtp.mails) {
        const recipient = mail.recipients.join();
        mailsOf.set(recipient, [...(mailsOf.get(recipient) ?? []), mail]);
      }
      expect(mailsOf.size).toBe(MAILS);
      for (const [recipient, mails] of mailsOf) {
        expect(mails.map(({ kind }) => kind)).toEqual(
          mails.map(() => (gone.has(recipient) ? 'account_deleted' : 'confirm_address')),
        );
        // Those of them that came twice are seen to be one.
        expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(1);
      }
      const repeated = [...mailsOf.values()].flatMap(([mail, ...again]) => (again.length > 0 && mail ? [mail] : []));
      expect(smtp.mails).toHaveLength(MAILS + LANES);
      expect(repeated).toHaveLength(LANES);
      expect(held).toEqual(expect.arrayContaining(repeated));
    },
    LONG,
  );
});
