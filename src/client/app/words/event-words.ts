import type { EventSummary } from 'latchkey/shared';

type Told = Pick<EventSummary, 'event' | 'outcome' | 'detail'>;

const ENDED: Readonly<Record<string, string>> = {
  logout: 'You signed out',
  replaced: 'A newer sign-in in the same browser ended a session',
  ended_by_user: 'You ended a session from another device',
  reuse: 'A session ended because a copy of its key was used',
  password_changed: 'A new password ended a session',
  account_disabled: 'A session ended because the account was disabled',
  account_deleted: 'A session ended because the account was deleted',
  ended_by_admin: 'An administrator ended a session',
  too_many_sessions: 'The session that was unused for longest made room for a new one',
  renewed: 'A session went on under a new key',
  factors_changed: 'A change of how you sign in ended a session',
  email_reverted: 'Taking your e-mail back ended a session',
};

const SUCCEEDED: Readonly<Record<string, string>> = {
  'account.registered': 'You created this account',
  'account.created': 'An administrator created this account',
  'account.imported': 'This account was brought from another place',
  'account.disabled': 'An administrator disabled this account',
  'account.enabled': 'An administrator enabled this account',
  'account.deleted': 'The account was deleted',
  'account.exported': 'You downloaded your data',
  login: 'You signed in',
  reauthentication: 'You confirmed that it is you',
  'session.recovered': 'A session went on after a loss of data on our side',
  'session.forked': 'A session asked for the same key again and again: answers are lost, or it was copied',
  'password.changed': 'The password was changed',
  'password.reset': 'The password was set anew by a mailed link',
  'password.reset_requested': 'A link to set a new password was asked for',
  'email.confirmed': 'The e-mail was confirmed',
  'email.change_requested': 'A change of the e-mail was asked for',
  'email.changed': 'The e-mail was changed',
  'email.reverted': 'The e-mail was taken back',
  'email.displaced': 'The e-mail was confirmed by somebody else, and is not yours any more',
  'mail.failed': 'A mail to you could not be delivered',
};

const REFUSED: Readonly<Record<string, string>> = {
  login: 'A sign-in was refused',
  reauthentication: 'Confirming that it is you was refused',
};

const WORDS = {
  succeeded: new Map(Object.entries(SUCCEEDED)),
  refused: new Map(Object.entries(REFUSED)),
  ended: new Map(Object.entries(ENDED)),
};

/** The name of an event as words, where a newer server brought one that this page does not know. */
const spelled = (event: string): string => {
  const words = event.replaceAll(/[._]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const roleWords = ({ event, detail }: Told): string | undefined => {
  const role = String(detail['role'] ?? '');
  if (event === 'role.granted') return `You were given the role ${role}`;
  return event === 'role.revoked' ? `The role ${role} was taken from you` : undefined;
};

/** What happened, in a line. */
export const eventWords = (told: Told): string => {
  const { event, outcome, detail } = told;
  if (event === 'session.ended') return WORDS.ended.get(String(detail['cause'])) ?? 'A session ended';
  const known = WORDS[outcome].get(event) ?? roleWords(told);
  return known ?? `${spelled(event)}${outcome === 'refused' ? ' was refused' : ''}`;
};

/** Whether it is something that one should look at, if one does not know it. */
export const isAlarming = ({ event, outcome, detail }: Told): boolean =>
  outcome === 'refused' || event === 'session.forked' || (event === 'session.ended' && detail['cause'] === 'reuse');
