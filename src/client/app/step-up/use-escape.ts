import { useEffect } from 'react';

/**
 * Calls when Escape is pressed, wherever the focus is, unless the press has ended something else: a text being
 * composed.
 */
export const useEscape = (onEscape: () => void): void => {
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.isComposing && !event.defaultPrevented) onEscape();
    };
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, [onEscape]);
};
