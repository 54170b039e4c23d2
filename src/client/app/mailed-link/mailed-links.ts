/** What a mailed link brings in its fragment. */
export interface MailedLink {
  token: string;
  /** The name that signs in to the account it is for, where the mail says it. */
  username: string | null;
}

/** The link that this page was opened by, and each that is opened in it afterwards. */
export interface MailedLinks {
  /** The same object until another link is opened. Null where the page was opened without one. */
  get: () => MailedLink | null;
  /** Called when another link is opened. Returns an unsubscribe function. */
  subscribe: (listener: () => void) => () => void;
}

/** As much of a window as it takes. */
interface OpenedPage extends Pick<Window, 'location' | 'history'> {
  addEventListener: (type: 'hashchange' | 'popstate', listener: () => void) => void;
}

/** The pages that mailed links lead to. */
export const MAILED_PAGES: readonly string[] = ['/reset-password', '/verify-email', '/revert-email'];

/** Gateways break links and people retype them: white space is no part of a token. */
export const tidyToken = (text: string): string => text.replaceAll(/\s/g, '');

const readFragment = (hash: string): MailedLink | null => {
  const values = new URLSearchParams(hash.replace(/^#/, ''));
  const token = tidyToken(values.get('token') ?? '');
  return token === '' ? null : { token, username: values.get('username') };
};

/**
 * Takes the token of a mailed link out of the address, so that neither the history nor a screen share nor whatever
 * reads addresses has it. To be made before anything else of the page runs. A link that is opened in an open page
 * changes its fragment alone, and is taken as well.
 */
export const takeMailedLinks = (page: OpenedPage): MailedLinks => {
  const listeners = new Set<() => void>();
  let current: MailedLink | null = null;

  const take = (): void => {
    const { pathname, search, hash } = page.location;
    if (hash === '' || !MAILED_PAGES.includes(pathname)) return;
    page.history.replaceState(page.history.state, '', `${pathname}${search}`);
    current = readFragment(hash);
    for (const listener of listeners) listener();
  };
  take();
  page.addEventListener('hashchange', take);
  page.addEventListener('popstate', take);

  return {
    get: () => current,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};

/** Where there is none to be taken. */
export const noMailedLinks: MailedLinks = { get: () => null, subscribe: () => () => undefined };
