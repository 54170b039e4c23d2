import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod/v4';
import { startAppServer } from '#testing/app-server.ts';
import { type ReceivedMail, startSmtpServer, type TestSmtpServer } from '#testing/smtp-server.ts';
import { accessTokenIn, cookiesIn } from './kit/answers.ts';
import { type Answer, createHttpClient } from './kit/http.ts';
import { bearer, cookieOf, LISTED_ORIGIN, OWN_ORIGIN, openTarget, type Person, type Target } from './kit/target.ts';

let smtp: TestSmtpServer;
let target: Target;
const folder = mkdtempSync(join(tmpdir(), 'latchkey-mailed-'));

beforeAll(async () => {
  smtp = await startSmtpServer();
  const env = { SMTP_URL: smtp.url, MAIL_FROM: 'no-reply@app.example', LOG_LEVEL: 'trace' };
  target = await openTarget({ ...env, DATA_DIR: folder });
});
afterAll(async () => {
  await target.stop();
  await smtp.stop();
  rmSync(folder, { recursive: true });
});

/** What a proxy that nobody has set up, or an attacker, would have the server believe. */
const POISON = {
  host: 'evil.example',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-proto': 'http',
  forwarded: 'host=evil.example;proto=http',
  'x-original-host': 'evil.example',
  referer: 'https://evil.example/page',
  origin: LISTED_ORIGIN,
};

const asSignedIn = (person: Person) => ({ ...bearer(person), ...cookieOf(person) });

const keepGrant = (person: Person, answer: Answer): void => {
  expect(answer).toMatchObject({ status: 200 });
  person.accessToken = accessTokenIn(answer);
  for (const [name, value] of cookiesIn(answer)) person.cookies.set(name, value);
};

/** The newest mail of a kind to somebody, which may be under way. */
const mailOf = async (kind: string, to: string, among = smtp.mails): Promise<ReceivedMail> => {
  const find = () => among.findLast((mail) => mail.kind === kind && mail.recipients.includes(to));
  await expect.poll(find, { timeout: 10_000 }).toBeDefined();
  const mail = find();
  if (mail === undefined) throw new Error(`There is no mail ${kind}.`);
  return mail;
};

const tokenOf = async (kind: string, to: string, among = smtp.mails): Promise<string> => {
  const { token } = await mailOf(kind, to, among);
  if (token === undefined) throw new Error(`The mail ${kind} has no link.`);
  target.keepSecret(token);
  return token;
};

/** All that a person can be sent a link by, and does with it. Every token and password is kept as a secret. */
const goThrough = async (person: Person, headers: Record<string, string> = {}): Promise<string[]> => {
  const { username, email, password } = person;
  const call = (procedure: string, input: object) =>
    target.mutate(procedure, input, { ...asSignedIn(person), ...headers });
  const refresh = async () => keepGrant(person, await target.mutate('auth.refresh', undefined, cookieOf(person)));

  expect(
    await target.mutate('user.resendVerification', undefined, { ...asSignedIn(person), ...headers }),
  ).toMatchObject({ status: 200 });
  const confirming = await tokenOf('confirm_address', email);
  const wrong = `${password} but wrong`;
  target.keepSecret(wrong);
  await target.mutate('auth.verifyEmail', { token: confirming, password: wrong }, headers);
  expect(await call('auth.verifyEmail', { token: confirming })).toMatchObject({ status: 200 });
  await target.mutate('auth.verifyEmail', { token: confirming, password }, headers);
  await refresh();

  const next = `next.${email}`;
  expect(await call('user.changeEmail', { email: next })).toMatchObject({ status: 200 });
  const changing = await tokenOf('confirm_new_address', next);
  expect(await call('auth.verifyEmail', { token: changing })).toMatchObject({ status: 200 });
  await refresh();
  const wayBack = await tokenOf('address_changed', email);
  await target.mutate('auth.revertEmail', { token: wayBack, password: wrong }, headers);
  expect(await target.mutate('auth.revertEmail', { token: wayBack, password }, headers)).toMatchObject({ status: 200 });
  await tokenOf('reset', email);

  for (const address of [email, `nobody.${email}`])
    expect(await target.mutate('auth.requestPasswordReset', { email: address }, headers)).toMatchObject({
      status: 200,
    });
  await expect.poll(() => smtp.mails.filter(({ kind }) => kind === 'reset').length).toBeGreaterThan(1);
  const reset = await tokenOf('reset', email);
  await target.mutate('auth.resetPassword', { token: reset, password: 'password1' }, headers);
  person.password = `${password} anew`;
  target.keepSecret(person.password);
  expect(await target.mutate('auth.resetPassword', { token: reset, password: person.password }, headers)).toMatchObject(
    {
      status: 200,
    },
  );
  await target.mutate('auth.resetPassword', { token: reset, password: person.password }, headers);
  await mailOf('password_changed', email);
  person.cookies.clear();
  keepGrant(person, await target.mutate('auth.login', { username, password: person.password }, headers));
  return [confirming, changing, wayBack, reset];
};

/** Every address of the web in a mail, as text and as HTML. */
const linksIn = ({ text, html }: ReceivedMail): string[] =>
  [text, html].flatMap((words) => words.match(/(?:https?:)?\/\/[^\s"'<]+/g) ?? []);

test('whatever a request says of its host and origin, the links of a mail lead to PUBLIC_URL', async () => {
  smtp.mails.length = 0;
  await goThrough(await target.register(), POISON);
  const kinds = new Set(smtp.mails.map(({ kind }) => kind));
  expect([...kinds]).toEqual(
    expect.arrayContaining(['confirm_address', 'confirm_new_address', 'address_changed', 'reset', 'password_changed']),
  );
  for (const mail of smtp.mails) {
    expect(linksIn(mail).filter((link) => !link.startsWith(`${OWN_ORIGIN}/`))).toEqual([]);
    expect(mail.text + mail.html).not.toMatch(/evil|listed/);
    expect(JSON.stringify([...mail.parsed.headers.values()])).not.toMatch(/evil|listed/);
  }
  await target.isUnharmed();
});

const tablesSchema = z.array(z.object({ name: z.string() }));

/** All that a store keeps, as somebody reads it who has a copy. */
const dump = (dataDir = folder): string => {
  const db = new BetterSqlite(join(dataDir, 'latchkey.sqlite'), { readonly: true });
  try {
    const tables = tablesSchema.parse(db.prepare("select name from sqlite_master where type = 'table'").all());
    return tables
      .map(({ name }) => `${name} ${JSON.stringify(db.prepare(`select * from "${name}"`).all())}`)
      .join('\n');
  } finally {
    db.close();
  }
};

test('no token, code or password of a mail is anywhere but in the mail, whatever becomes of it', async () => {
  const person = await target.register();
  const secrets = [person.password, ...(await goThrough(person))];
  secrets.push(person.password);

  // A server that answers with what it was sent, for now and for good.
  const other = await target.register();
  await mailOf('confirm_address', other.email);
  for (const code of [451, 554]) {
    smtp.behave({ code, at: 'data', echo: true });
    await target.mutate('auth.requestPasswordReset', { email: other.email });
    const reset = await tokenOf('reset', other.email, smtp.refused);
    expect(secrets).not.toContain(reset);
    secrets.push(reset);
    smtp.refused.length = 0;
  }
  await expect.poll(() => target.server.log.text()).toContain('Sending mails failed; will retry');
  await expect.poll(() => target.server.log.text()).toContain('mail.failed');
  smtp.behave('take');

  const exported = await target.query('user.export', asSignedIn(person));
  const events = await target.query('events.list', asSignedIn(person));
  for (const { status, text } of [exported, events]) {
    expect(status).toBe(200);
    expect(text).toContain('password.reset_requested');
  }
  const kept = dump();
  expect(kept).toContain('auth_mails');
  const log = target.server.log.text();
  for (const secret of secrets) {
    for (const place of [exported.text, events.text, kept, log]) expect(place).not.toContain(secret);
  }
  // Who is written to is nobody's business who reads the log.
  for (const { email } of [person, other]) expect(log).not.toContain(email);
  await target.isUnharmed();
});

test('nor of a mail that makes an account, whose owner is told by the same rules that there is one already', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-mailed-'));
  const server = await startAppServer({
    SMTP_URL: smtp.url,
    MAIL_FROM: 'no-reply@app.example',
    LOG_LEVEL: 'trace',
    PUBLIC_URL: OWN_ORIGIN,
    ALLOWED_ORIGINS: LISTED_ORIGIN,
    REQUIRE_EMAIL_VERIFICATION: 'true',
    DATA_DIR: dataDir,
  });
  const http = createHttpClient(Number(new URL(server.url).port));
  try {
    const texts: string[] = [];
    const call = async (procedure: string, input: object): Promise<Answer> => {
      const headers = { 'x-latchkey': '1', 'content-type': 'application/json', ...POISON };
      const target = `/api/trpc/${procedure}`;
      const answer = await http.send({ method: 'POST', target, headers, body: JSON.stringify(input) });
      texts.push(answer.text);
      return answer;
    };
    const email = 'first@mail.example';
    const password = 'canary of a first password';
    const wrong = 'canary of a wrong password';
    await call('auth.register', { username: 'first', email, password });
    const mail = await mailOf('confirm_address', email);
    const token = mail.token ?? 'there is none';
    await call('auth.login', { username: 'first', password });
    await call('auth.verifyEmail', { token, password: wrong });
    expect(await call('auth.verifyEmail', { token, password })).toMatchObject({ status: 200 });
    await call('auth.verifyEmail', { token, password });
    await call('auth.register', { username: 'second', email, password: wrong });
    const told = await mailOf('account_exists', email);

    for (const sent of [mail, told]) {
      expect(linksIn(sent).length).toBeGreaterThan(0);
      expect(linksIn(sent).filter((link) => !link.startsWith(`${OWN_ORIGIN}/`))).toEqual([]);
    }
    for (const place of [server.log.text(), dump(dataDir), ...texts]) {
      for (const secret of [token, password, wrong]) expect(place).not.toContain(secret);
    }
    expect(server.log.text()).not.toContain(email);
  } finally {
    http.close();
    await server.stop();
    rmSync(dataDir, { recursive: true });
  }
});
