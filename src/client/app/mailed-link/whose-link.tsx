import { useAuth } from 'latchkey/react';
import { Notice } from '../ui/notice.tsx';
import type { MailedLink } from './mailed-links.ts';

const sameName = (one: string, other: string | null | undefined): boolean => one.toLowerCase() === other?.toLowerCase();

/**
 * Whether the link names another account than the one that is signed in here. An account without a username is named by
 * its address, which may be the one that it is about to have: the server says then what it needs.
 */
export const useIsOfAnother = (link: MailedLink | null): boolean => {
  const { user } = useAuth();
  const name = link?.username ?? null;
  return (
    (user?.username ?? null) !== null &&
    name !== null &&
    !sameName(name, user?.username) &&
    !sameName(name, user?.email)
  );
};

/** Whose the link is, where somebody else is signed in here. */
export const WhoseLink = ({ link }: { link: MailedLink | null }) => {
  const { user } = useAuth();
  const isOfAnother = useIsOfAnother(link);
  if (!isOfAnother || link === null || user === undefined) return null;

  return (
    <Notice role="status">
      This link is for the account <strong className="wrap-anywhere">{link.username}</strong>. You are signed in as{' '}
      <strong className="wrap-anywhere">{user.username ?? user.email}</strong>, which it does not change.
    </Notice>
  );
};
