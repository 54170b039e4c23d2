import { hintCookieName } from 'latchkey/shared';
import { useEffect, useState } from 'react';
import { AlertIcon } from '../ui/icons.tsx';

/** A browser may write a cookie a moment after the page has the answer that brought it. */
const LOOK_AFTER_MS = 1_000;

/** The hint comes with every session, and is the one of its cookies that a page can see. */
const keepsCookies = (): boolean => document.cookie.includes(`${hintCookieName(location)}=`);

/**
 * Tells who has just signed in that their browser keeps none of the cookies of it: the session would be over, with no
 * reason that anybody could guess, at the next reload or when its token ends.
 */
export const CookieNotice = () => {
  const [isShown, setIsShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsShown(!keepsCookies()), LOOK_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isShown) return null;

  return (
    <div role="alert" className="bg-brass-soft text-on-brass">
      <p className="mx-auto flex max-w-6xl items-center gap-3 px-4 py-2.5 text-[0.9375rem] sm:px-8">
        <AlertIcon className="size-5 shrink-0" />
        <span>
          This browser does not keep cookies for this site, so you will be signed out when you reload or close this
          page. Allow cookies for this site in the settings of the browser, then sign in again.
        </span>
      </p>
    </div>
  );
};
