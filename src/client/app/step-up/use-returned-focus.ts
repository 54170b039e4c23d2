import { type RefObject, useEffect, useState } from 'react';

/** Gives the focus back, once what is shown is gone, to what had it before. */
export const useReturnedFocus = (shown: RefObject<HTMLElement | null>): void => {
  // Before what is shown takes it.
  const [before] = useState(() => document.activeElement);

  useEffect(() => {
    const element = shown.current;
    return () => {
      // Later, since the page is inert until then. And StrictMode tears down what stays.
      setTimeout(() => {
        if (element?.isConnected === false && before instanceof HTMLElement) before.focus();
      });
    };
  }, [shown, before]);
};
