import { domainToASCII } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createStore } from '#server/database/index.ts';
import { createTestAuth, type TestAuth } from '#testing/auth.ts';
import { startSmtpServer, type TestSmtpServer } from '#testing/smtp-server.ts';

const database = createStore({ dataDir: 'memory:', poolSize: 1 });
let smtp: TestSmtpServer;
let kit: TestAuth;

beforeAll(async () => {
  smtp = await startSmtpServer();
  kit = await createTestAuth({ database }, { smtpUrl: smtp.url, appName: 'Ada’s <b>"App"</b>' });
});
afterAll(async () => {
  await kit.stop();
  await smtp.stop();
  await database.close();
});
beforeEach(() => {
  smtp.mails.length = 0;
  kit.events.length = 0;
});

const inAscii = (address: string): string => {
  const [local = '', domain = ''] = address.split('@');
  return `${local}@${domainToASCII(domain)}`;
};

const send = async (to: string, username: string | null = 'ada', userAgent: string | null = null) => {
  const { mail } = kit.services;
  await kit.services.database
    .transaction()
    .execute((transaction) =>
      mail.queue(transaction, { kind: 'new_device', userId: null, to, username, details: { userAgent } }),
    );
  await kit.auth.work();
  // The server shows domains as people read them.
  return smtp.mails.map(({ recipients }) => recipients.map(inAscii));
};

test.each([
  'ada@mail.example\r\nRCPT TO:<eve@evil.example>',
  'ada@mail.example\r\nBcc: eve@evil.example',
  'ada@mail.example, eve@evil.example',
  'ada@mail.example;eve@evil.example',
  '"ada@mail.example, eve"@evil.example',
  'Ada <eve@evil.example>',
  '<ada@mail.example>',
  'ada@mail.example eve@evil.example',
  'ada\u0000@mail.example',
  'ada\u202e@mail.example',
  'ada@mail.example@evil.example',
  'ada@[127.0.0.1]',
  'ada@evil.example/mail.example',
  'ada@',
  '@mail.example',
  'ada',
  '',
])('%j is no address: nobody gets the mail', async (address) => {
  expect(await send(address)).toEqual([]);
  expect(kit.events).toMatchObject([{ event: 'mail.failed', reason: 'refused' }]);
});

test.each([
  ['ada@mail.example', 'ada@mail.example'],
  ['o’hara+tag@mail.example', 'o’hara+tag@mail.example'],
  ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
  ['ada@BÜCHER.example', 'ada@xn--bcher-kva.example'],
  // The Cyrillic а: another domain than the Latin one.
  ['ada@mаil.example', 'ada@xn--mil-6cd.example'],
  [`${'a'.repeat(64)}@mail.example`, `${'a'.repeat(64)}@mail.example`],
])('%s is sent to %s alone', async (address, recipient) => {
  expect(await send(address)).toEqual([[recipient]]);
});

test('a local part of 255 characters is nobody’s', async () => {
  expect(await send(`${'a'.repeat(255)}@mail.example`)).toEqual([]);
});

test('what others have typed is text in the mail, in one line where it stands in one, and no header', async () => {
  const name = '<img src=x onerror=alert(1)>\r\nBcc: eve@evil.example';
  expect(await send('ada@mail.example', name, '"><script>alert(1)</script>\u202e')).toEqual([['ada@mail.example']]);
  const [mail] = smtp.mails;
  expect(mail?.html).not.toMatch(/<img|<script|<b>/);
  expect(mail?.html).toContain('&lt;script&gt;');
  expect(mail?.text).not.toContain('\u202e');
  expect(mail?.subject).toBe('New sign-in · Ada’s <b>"App"</b>');
  expect(mail?.parsed.bcc).toBeUndefined();
  expect(mail?.parsed.from?.value).toEqual([{ name: 'Ada’s <b>"App"</b>', address: 'no-reply@app.example' }]);
});
