import { MAILED_PAGES } from '../mailed-link/mailed-links.ts';

const CONTROL_OR_BACKSLASH = /[\p{Cc}\\]/u;
/** Pages that nobody comes back to: a form to sign in by, or one that has done what it was for. */
export const FORMS: readonly string[] = ['/sign-in', '/sign-up', '/forgot-password', ...MAILED_PAGES];

const isRooted = (path: string): boolean => path.startsWith('/') && !path.startsWith('//');

const decoded = (path: string): string | null => {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
};

/**
 * The page to go to after signing in, or null when `value` is not a path of this origin. Browsers read `//host`,
 * `/\host` and paths with tabs or line ends as another host, so all of these are refused (CWE-601), before and after
 * the path is resolved.
 */
export const nextPath = (value: unknown, origin: string): string | null => {
  if (typeof value !== 'string' || !isRooted(value) || CONTROL_OR_BACKSLASH.test(value)) return null;
  if (!URL.canParse(value, origin)) return null;

  const url = new URL(value, origin);
  const plain = decoded(url.pathname);
  if (url.origin !== origin || plain === null) return null;
  // Dots can hide slashes: `/.//host` resolves to the path `//host`.
  if (!isRooted(url.pathname) || !isRooted(plain) || CONTROL_OR_BACKSLASH.test(plain)) return null;
  if (FORMS.includes(url.pathname)) return null;

  return `${url.pathname}${url.search}${url.hash}`;
};
