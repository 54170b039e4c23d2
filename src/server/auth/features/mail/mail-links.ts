import type { MailKind, MailLink } from '../../mail/mail.ts';

/** The pages that mailed links lead to. */
const PAGES: Partial<Record<MailKind, string>> = {
  confirm_address: '/verify-email',
  confirm_new_address: '/verify-email',
  reset: '/reset-password',
  address_changed: '/revert-email',
};

/**
 * To the app's own address, whatever a request says of its host. The token is in the fragment, which is in no log and
 * no `Referer`, and beside it the name that signs in: a password manager, and somebody who has several accounts, want
 * to know whose link it is.
 */
export const linkUrl = (
  origin: string,
  { kind, username, to, link }: { kind: MailKind; username: string | null; to: string; link: MailLink },
): string => {
  const fragment = new URLSearchParams({ token: link.token, username: username ?? to });
  return `${origin}${PAGES[kind] ?? '/'}#${fragment.toString()}`;
};
