import type { MailKind } from '../../mail/mail.ts';
import type { MailContent } from './outgoing-mail.ts';

/** What a mail says: paragraphs of plain text, around the link where there is one. */
export interface MailWords {
  subject: string;
  before: readonly string[];
  /** What is written on the link. */
  action?: string;
  after: readonly string[];
}

const MINUTES_AN_HOUR = 60;
const MINUTE_MS = 60_000;

/** In whole units, as people say it. */
const lastingWords = ({ at, link }: MailContent): string => {
  const minutes = Math.max(1, Math.round(((link?.endsAt ?? at).getTime() - at.getTime()) / MINUTE_MS));
  const hours = Math.round(minutes / MINUTES_AN_HOUR);
  const [count, unit] =
    minutes < 90 ? [minutes, 'minute'] : hours < 48 ? [hours, 'hour'] : [Math.round(hours / 24), 'day'];
  return minutes === MINUTES_AN_HOUR ? '1 hour' : `${count} ${unit}${count === 1 ? '' : 's'}`;
};

const whenWords = (at: Date): string => {
  const day = at.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
  return `${day}, ${at.toISOString().slice(11, 16)} UTC`;
};

/** What a person can recognise a stranger by. */
const circumstances = ({ at, details }: MailContent): string[] =>
  [
    `When: ${whenWords(at)}`,
    details.userAgent ? `Browser: ${details.userAgent}` : '',
    details.ip ? `Network address: ${details.ip}` : '',
  ].filter((line) => line !== '');

const usableOnce = (content: MailContent): string => `The link works once, for ${lastingWords(content)}.`;

const notYou = ({ appName }: MailContent): string =>
  `If it was not you, somebody else may be using your account at ${appName}. Change your password there, and look through your sessions.`;

/** A notice of something that was done to the account. */
const done =
  (subject: string, what: string, more: (content: MailContent) => readonly string[] = () => []) =>
  (content: MailContent): MailWords => ({
    subject: `${subject} · ${content.appName}`,
    before: [what.replaceAll('APP', content.appName), circumstances(content).join('\n')],
    after: [...more(content), `If this was you, there is nothing to do. ${notYou(content)}`],
  });

const named =
  (subject: string, what: string) =>
  (content: MailContent): MailWords =>
    done(
      subject,
      what.replaceAll('WHAT', () => content.details.what ?? 'one'),
    )(content);

const WORDS: Record<MailKind, (content: MailContent) => MailWords> = {
  confirm_address: (content) => ({
    subject: `Confirm your e-mail · ${content.appName}`,
    before: [`Confirm that this address is yours, and that you use it at ${content.appName}.`],
    action: 'Confirm address',
    after: [
      usableOnce(content),
      `If you did not ask for this, somebody may have typed your address by mistake: you need not do anything.`,
    ],
  }),
  account_exists: (content) => ({
    subject: `You have an account already · ${content.appName}`,
    before: [
      `Somebody has just tried to create an account at ${content.appName} with this address, which has one already.`,
      `If that was you: sign in at ${content.origin}/sign-in. If you have forgotten your password, choose a new one at ${content.origin}/forgot-password.`,
    ],
    after: ['If it was not you, you need not do anything: nothing was changed.'],
  }),
  reset: (content) => ({
    subject: `Choose a new password · ${content.appName}`,
    before: [`Somebody has asked for a new password for your account at ${content.appName}.`],
    action: 'Choose a new password',
    after: [
      usableOnce(content),
      'Your old password works until you have chosen a new one. All your sessions end then.',
      'If you did not ask for this, you need not do anything. Do not pass this mail on: whoever has the link can choose your password.',
    ],
  }),
  password_changed: done('Your password was changed', 'The password of your account at APP was changed.'),
  confirm_new_address: (content) => ({
    subject: `Confirm your new e-mail · ${content.appName}`,
    before: [`Your account at ${content.appName} is to have this address from now on. Confirm that it is yours.`],
    action: 'Confirm address',
    after: [
      usableOnce(content),
      'Until then your account keeps the address that it has.',
      'If you did not ask for this, you need not do anything.',
    ],
  }),
  address_changed: (content) => ({
    subject: `Your e-mail was changed · ${content.appName}`,
    before: [
      `Your account at ${content.appName} has another address now${
        content.details.newAddress === undefined ? '' : `: ${content.details.newAddress}`
      }. Nothing more is sent to this one.`,
      circumstances(content).join('\n'),
      ...(content.link === undefined
        ? []
        : ['If this was not you, take your address back. You are asked for the password that you had before.']),
    ],
    action: 'Take address back',
    after: [...(content.link === undefined ? [] : [usableOnce(content)]), 'If this was you, there is nothing to do.'],
  }),
  new_device: done('New sign-in', 'Somebody signed in to your account at APP from a browser that it did not know.'),
  factor_added: named('A way to sign in was added', 'Your account at APP can be signed in to with this as well: WHAT.'),
  factor_removed: named('A way to sign in was removed', 'This was removed from your account at APP: WHAT.'),
  recovery_code_used: done(
    'A recovery code was used',
    'Somebody signed in to your account at APP with one of your recovery codes. It cannot be used again.',
  ),
  identity_linked: named(
    'An account was connected',
    'Your account at APP can be signed in to with this as well: WHAT.',
  ),
  identity_unlinked: named('An account was disconnected', 'Your account at APP was disconnected from this: WHAT.'),
  second_factor_failed: done(
    'Sign-in attempts with your password',
    'Somebody has typed your password at APP, and then five wrong codes. Nobody got in.',
    () => ['Your password is known to somebody: if it was not you, change it.'],
  ),
  session_ended: done(
    'A session was ended for your safety',
    'A copy of a session of yours at APP was used, so we have ended it. You may have to sign in again.',
  ),
  session_forked: done(
    'Something is odd about a session',
    'A session of yours at APP is being renewed again and again by an old copy. The answers of your network may be lost, or somebody has a copy of it.',
    ({ appName }) => [`If you are not sure, end all sessions in the list of your sessions at ${appName}.`],
  ),
  passkey_counter_regressed: named(
    'A passkey may have been copied',
    'A passkey of your account at APP was refused, since it counts as a copy would: WHAT. Remove it if you have not copied it yourself.',
  ),
  account_deleted: (content) => ({
    subject: `Your account was deleted · ${content.appName}`,
    before: [
      `Your account at ${content.appName} was deleted, with all that was kept of you. All sessions have ended.`,
      circumstances(content).join('\n'),
    ],
    after: ['This is the last mail that you get. If it was not you, answer the people who run the app at once.'],
  }),
  admin_action: (content) => ({
    subject: `Your account was changed by an administrator · ${content.appName}`,
    before: [
      `An administrator of ${content.appName} has changed your account: ${content.details.what ?? 'its settings'}.`,
      ...(content.details.reason === undefined ? [] : [`Their reason: ${content.details.reason}`]),
      `When: ${whenWords(content.at)}`,
    ],
    after: [`If you did not expect this, ask the people who run ${content.appName}.`],
  }),
  impersonated: (content) => ({
    subject: `An administrator used your account · ${content.appName}`,
    before: [
      `An administrator of ${content.appName} has acted in your account, as you.`,
      ...(content.details.reason === undefined ? [] : [`Their reason: ${content.details.reason}`]),
      `When: ${whenWords(content.at)}`,
    ],
    after: [`If you did not expect this, ask the people who run ${content.appName}.`],
  }),
};

/** What happened, and what to do if it was somebody else. */
export const wordsOf = (content: MailContent): MailWords => WORDS[content.kind](content);
