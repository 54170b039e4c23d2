import { takeMailedLinks } from './app/mailed-link/mailed-links.ts';

/** Imported before all else: whatever runs after it finds no token in the address. */
export const mailedLinks = takeMailedLinks(window);
