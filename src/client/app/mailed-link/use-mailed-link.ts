import { createContext, use, useSyncExternalStore } from 'react';
import { type MailedLink, type MailedLinks, noMailedLinks } from './mailed-links.ts';

export const OpenedLinks = createContext<MailedLinks>(noMailedLinks);

/** The mailed link that this page was opened by, null without one. */
export const useMailedLink = (): MailedLink | null => {
  const links = use(OpenedLinks);
  return useSyncExternalStore(links.subscribe, links.get);
};
