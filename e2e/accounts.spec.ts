import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { type ReceivedMail, startSmtpServer, type TestSmtpServer } from '../src/testing/smtp-server.ts';
import { expectSound } from './support/expect-sound.ts';
import {
  arriveAs,
  arriveNew,
  callApi,
  expectSignedIn,
  fillSignIn,
  fillSignUp,
  type Person,
  signIn,
  somebody,
} from './support/person.ts';
import { test as base, expect } from './support/test.ts';

/** Beside the server of a worker, a real one for mails, which it sends by. */
const test = base.extend<object, { smtp: TestSmtpServer }>({
  smtp: [
    async ({ browserName: _ }, use) => {
      const smtp = await startSmtpServer();
      await use(smtp);
      await smtp.stop();
    },
    { scope: 'worker' },
  ],
  serverEnv: [
    async ({ smtp }, use) => {
      await use({ SMTP_URL: smtp.url, MAIL_FROM: 'Latchkey <latchkey@example.com>' });
    },
    { scope: 'worker' },
  ],
});

// Each goes through several forms and mails, one after the other.
test.slow();

const inbox = (smtp: TestSmtpServer, address: string, kind: string): ReceivedMail[] =>
  smtp.mails.filter((mail) => mail.kind === kind && mail.recipients.includes(address));

/** The newest mail of a kind to an address, once there are so many. */
const mailTo = async (smtp: TestSmtpServer, address: string, kind: string, count = 1): Promise<ReceivedMail> => {
  await expect.poll(() => inbox(smtp, address, kind).length, { timeout: 15_000 }).toBe(count);
  const mail = inbox(smtp, address, kind).at(-1);
  if (mail === undefined) throw new Error('There is no such mail.');
  return mail;
};

/** Opens the link in a mail. Its token is gone from the address, whatever the page does next. */
const openLink = async (page: Page, { text }: ReceivedMail): Promise<void> => {
  const [url] = /https?:\/\/\S+#token=\S+/.exec(text) ?? [];
  if (url === undefined) throw new Error('The mail has no link.');
  await page.goto('about:blank');
  await page.goto(url);
  await expect.poll(() => page.url()).toBe(url.replace(/#.*/, ''));
};

const signOut = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByText('You are signed out.')).toBeVisible();
};

const confirmAddress = async (page: Page, smtp: TestSmtpServer, person: Person): Promise<void> => {
  await openLink(page, await mailTo(smtp, person.email, 'confirm_address'));
  await page.getByRole('button', { name: 'Confirm address' }).click();
  await expect(page.getByRole('status')).toContainText('Your address is confirmed.');
};

test('an address is confirmed by the mail, and a forgotten password set anew by another', async ({ page, smtp }) => {
  const person = await arriveNew(page);
  await page.getByRole('link', { name: 'Profile' }).click();
  await expect(page.getByText('Not confirmed')).toBeVisible();
  await confirmAddress(page, smtp, person);
  await page.getByRole('link', { name: 'Profile' }).click();
  await expect(page.getByText('Confirmed', { exact: true })).toBeVisible();
  await signOut(page);

  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  // The sign-in, which stands until the page has come, has a field of nearly that name.
  await expect(page.getByRole('button', { name: 'Send link' })).toBeVisible();
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByRole('button', { name: 'Send link' }).click();
  await expect(page.getByRole('status')).toContainText('If an account has the address');
  const mail = await mailTo(smtp, person.email, 'reset');

  // A gateway that strips fragments: the code is in the text too.
  await page.goto('/reset-password');
  await page.getByLabel('Code from the mail').fill(mail.token ?? '');
  await page.getByLabel('New password').fill('123456789');
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByRole('alert')).toContainText('too easy to guess');
  await page.getByLabel('New password').fill(`${person.password} anew`);
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByRole('status')).toContainText('Your new password is set.');
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeHidden();

  // A link is good once.
  await openLink(page, mail);
  await page.getByLabel('New password').fill(`${person.password} once more`);
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByRole('alert')).toContainText('not good any more');
  await signIn(page, { ...person, password: `${person.password} anew` });
});

test('a password that is set anew ends the session of the page that sets it there and then', async ({ page, smtp }) => {
  const person = await arriveNew(page);
  await callApi(page.context(), 'auth.requestPasswordReset', { email: person.email });
  await openLink(page, await mailTo(smtp, person.email, 'reset'));
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
  await page.getByLabel('New password').fill(`${person.password} anew`);
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByRole('status')).toContainText('Your new password is set.');
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeHidden();
  await expect(page.getByText(person.username)).toBeHidden();
  await page.getByRole('link', { name: 'Back to sign-in' }).click();
  await fillSignIn(page, person.username, `${person.password} anew`);
  await expectSignedIn(page, person);
});

test('the address is changed by the new one, and taken back by the old one', async ({ page, smtp, newVisitor }) => {
  const person = await arriveNew(page);
  await confirmAddress(page, smtp, person);
  const address = `new-${person.email}`;
  await page.goto('/account/profile');
  await page.getByLabel('New e-mail').fill(address);
  await page.getByRole('button', { name: 'Change e-mail' }).click();
  await expect(page.getByRole('status')).toContainText(`on its way to ${address}`);
  const mail = await mailTo(smtp, address, 'confirm_new_address');

  // In the session of somebody else it says whose it is.
  const stranger = await (await newVisitor()).newPage();
  await arriveNew(stranger);
  await openLink(stranger, mail);
  await expect(stranger.getByRole('status')).toContainText(`for the account ${person.username}`);

  await openLink(page, mail);
  await page.getByRole('button', { name: 'Confirm address' }).click();
  await expect(page.getByRole('status')).toContainText('Your address is confirmed.');
  await page.goto('/account/profile');
  await expect(page.getByText(address)).toBeVisible();

  const back = await mailTo(smtp, person.email, 'address_changed');
  const owner = await (await newVisitor()).newPage();
  await openLink(owner, back);
  await owner.getByLabel('Password', { exact: true }).fill('not the password');
  await owner.getByRole('button', { name: 'Take address back' }).click();
  await expect(owner.getByRole('alert')).toContainText('not the password from before');
  await owner.getByLabel('Password', { exact: true }).fill(person.password);
  await owner.getByRole('button', { name: 'Take address back' }).click();
  await expect(owner.getByRole('status')).toContainText('Your address is back');

  await page.goto('/account/profile');
  await expect(page.getByLabel('Password', { exact: true })).toBeVisible();
  await fillSignIn(page, person.email, person.password);
  await expect(page.getByText(person.email)).toBeVisible();
});

test('who claimed an address that somebody else has confirmed is told at the sign-in, and adds another', async ({
  page,
  smtp,
  newVisitor,
}) => {
  const claimant = await arriveNew(page);
  await signOut(page);
  const owner = await (await newVisitor()).newPage();
  await arriveNew(owner);
  await owner.goto('/account/profile');
  await owner.getByLabel('New e-mail').fill(claimant.email);
  await owner.getByRole('button', { name: 'Change e-mail' }).click();
  await openLink(owner, await mailTo(smtp, claimant.email, 'confirm_new_address'));
  await owner.getByRole('button', { name: 'Confirm address' }).click();
  await expect(owner.getByRole('status')).toContainText('Your address is confirmed.');

  await signIn(page, claimant);
  await expect(page.getByRole('status')).toContainText('somebody else has confirmed it since');
  await expect(page.getByLabel('New note')).toBeVisible();
  await expectSound(page);
  await page.getByRole('link', { name: 'Add an address' }).click();
  await expect(page.getByLabel('New e-mail')).toBeVisible();
  await expect(page.getByText('account has no e-mail address')).toBeHidden();
});

test('a new password signs out the other devices, and the account goes with its data', async ({ page, newVisitor }) => {
  const person = await arriveNew(page);
  const phone = await (await newVisitor()).newPage();
  await arriveAs(phone, person);
  await page.getByRole('link', { name: 'Security' }).click();
  await page.getByLabel('Current password').fill('not the password');
  await page.getByLabel('New password').fill(`${person.password} anew`);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByRole('alert')).toContainText('not your current password');
  await page.getByLabel('Current password').fill(person.password);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByRole('status')).toContainText('Your new password is set.');
  await expect(phone.getByRole('alert')).toContainText('Your password was changed');
  await page.reload();
  await expectSignedIn(page, person);

  await page.getByRole('link', { name: 'Profile' }).click();
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download my data' }).click();
  const file = await readFile(await (await downloading).path(), 'utf8');
  expect(file).toContain(person.username);
  expect(file).not.toContain(person.password);

  // The proof of the change has been lost: it is asked for again, in a dialog of its own.
  await page.context().clearCookies({ name: /_fresh$/ });
  await page.getByRole('button', { name: 'Delete account' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Type your username').fill(person.username);
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  const proof = page.getByRole('dialog', { name: 'Confirm it is you' });
  await proof.getByLabel('Password', { exact: true }).fill(`${person.password} anew`);
  await proof.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByRole('status')).toContainText('Your account was deleted');
  await expect(page.getByRole('link', { name: 'Create account' }).first()).toBeVisible();
  await page.goto('/sign-in');
  await fillSignIn(page, person.username, `${person.password} anew`);
  await expect(page.getByRole('alert')).toBeVisible();
});

test('where addresses are confirmed first, a sign-up ends with the mail and its password', async ({
  page,
  smtp,
  newServer,
}) => {
  const server = await newServer({
    env: { SMTP_URL: smtp.url, MAIL_FROM: 'latchkey@example.com', REQUIRE_EMAIL_VERIFICATION: 'true' },
  });
  const person = somebody();
  await page.goto(`${server.url}/sign-up`);
  await fillSignUp(page, person);
  await expect(page.getByRole('heading', { name: 'Check your e-mail' })).toBeVisible();
  await openLink(page, await mailTo(smtp, person.email, 'confirm_address'));
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'Confirm address' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('button', { name: 'Confirm address' }).click();
  await expect(page.getByRole('status')).toContainText('Your address is confirmed.');
  await page.getByRole('link', { name: 'Go to your notes' }).click();
  await expectSignedIn(page, person);
});
