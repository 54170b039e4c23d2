import { expect, test } from 'vitest';
import type { MailKind } from '../../mail/mail.ts';
import { linkUrl } from './mail-links.ts';
import type { MailContent } from './outgoing-mail.ts';
import { renderStandardMail } from './render-mail.ts';

const KINDS: Record<MailKind, 'link' | 'notice'> = {
  confirm_address: 'link',
  account_exists: 'notice',
  reset: 'link',
  password_changed: 'notice',
  confirm_new_address: 'link',
  address_changed: 'link',
  new_device: 'notice',
  factor_added: 'notice',
  factor_removed: 'notice',
  recovery_code_used: 'notice',
  identity_linked: 'notice',
  identity_unlinked: 'notice',
  second_factor_failed: 'notice',
  session_ended: 'notice',
  session_forked: 'notice',
  passkey_counter_regressed: 'notice',
  account_deleted: 'notice',
  admin_action: 'notice',
  impersonated: 'notice',
};
const isKind = (name: string): name is MailKind => name in KINDS;

const at = new Date('2026-01-01T12:00:00Z');
const contentOf = (kind: MailKind): MailContent => {
  const link = { token: 'the-token', endsAt: at.getTime() + 3_600_000 };
  const names = { kind, username: 'ada', to: 'ada@mail.example', link };
  return {
    kind,
    appName: 'Notes',
    origin: 'https://app.example',
    to: names.to,
    username: names.username,
    at,
    ...(KINDS[kind] === 'link' && {
      link: { url: linkUrl('https://app.example', names), token: link.token, endsAt: new Date(link.endsAt) },
    }),
    details: { ip: '192.0.2.1', userAgent: 'Firefox', what: 'a passkey', newAddress: 'new@mail.example' },
  };
};

test.each(Object.keys(KINDS).filter(isKind))('%s says what happened and what to do, as text and as HTML', (kind) => {
  const { subject, text, html } = renderStandardMail(contentOf(kind));
  expect(subject).toMatch(/^[A-Z][^\n]* · Notes$/);
  expect(text).toMatch(/^Hello ada,\n\n/);
  expect(text).toMatch(/If |do not|no longer/);
  for (const words of [text, html]) expect(words).not.toMatch(/undefined|APP|WHAT|\bnull\b/);
  const isLink = KINDS[kind] === 'link';
  expect(text.includes('\nthe-token\n')).toBe(isLink);
  expect(html.includes('#token=the-token&amp;username=ada"')).toBe(isLink);
});

test('a link leads to the app’s own address, with token and name in the fragment, and says how long it works', () => {
  const { text } = renderStandardMail(contentOf('reset'));
  expect(text).toContain('\nhttps://app.example/reset-password#token=the-token&username=ada\n');
  expect(text).toContain('once, for 1 hour.');
});

test('nothing that a stranger chose becomes a link: neither a name, nor a browser, nor the words of an administrator', () => {
  const agent = 'Mozilla/5.0 (X11; Linux) see https://evil.example/login';
  const newAddress = 'help@evil.example';
  const details = { userAgent: agent, what: 'ask help@evil.example', reason: 'www.evil.example', newAddress };
  for (const kind of ['new_device', 'factor_added', 'admin_action', 'reset', 'address_changed'] as const) {
    const { text, html } = renderStandardMail({ ...contentOf(kind), username: 'secure-login.example', details });
    const isOurs = (found: string): boolean => found.startsWith('app.example');
    for (const words of [text.replace(/^https:.+$/m, ''), html.replace(/ href="[^"]+"/, '')]) {
      expect(words).not.toMatch(/:\/\/evil|@evil/);
      expect((words.match(/[\w-]+\.[a-z]+/g) ?? []).filter((found) => !isOurs(found))).toEqual([]);
    }
    // Where there is nothing to break, it is shown as it is.
    if (kind === 'new_device') expect(text).toContain('Mozilla/5.0 (X11; Linux) see');
    // And the link signs in by the name as it is.
    if (kind === 'reset') expect(text).toContain('username=ada\n');
  }
});
