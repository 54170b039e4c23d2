import type { BrowserContext, Page } from '@playwright/test';
import { isHeavy } from '../../src/testing/heavy.ts';

export type Lacking = 'locks' | 'channel';

interface Browser {
  name: string;
  lacks: readonly Lacking[];
}

const ONE_LACKS: readonly Browser[] = [
  { name: 'without a channel', lacks: ['channel'] },
  { name: 'without locks', lacks: ['locks'] },
];

/**
 * What a browser may have and what it may not: everything is to work with neither. The client uses each whether or not
 * the other is there, so that both and neither go every way through it; HEAVY adds the other two.
 */
export const BROWSERS: readonly Browser[] = [
  { name: 'with locks and a channel', lacks: [] },
  { name: 'without locks and without a channel', lacks: ['locks', 'channel'] },
  ...(isHeavy ? ONE_LACKS : []),
];

/** Takes Web Locks or the BroadcastChannel away from every page that is opened from here on. */
export const takeAway = async (context: BrowserContext, lacks: readonly Lacking[]): Promise<void> => {
  await context.addInitScript((missing: readonly string[]) => {
    if (missing.includes('locks')) Object.defineProperty(navigator, 'locks', { value: undefined });
    if (missing.includes('channel')) Object.defineProperty(globalThis, 'BroadcastChannel', { value: undefined });
  }, lacks);
};

/**
 * Lets windows without locks take turns every second: their streams make room after five, which is the client's one
 * timer of that length.
 */
export const hastenTurns = async (context: BrowserContext): Promise<void> => {
  await context.addInitScript(() => {
    const { setTimeout: inTime } = globalThis;
    const hastened = (run: (...given: unknown[]) => void, milliseconds?: number, ...given: unknown[]) =>
      inTime(run, milliseconds === 5_000 ? 1_000 : milliseconds, ...given);
    Object.defineProperty(globalThis, 'setTimeout', { value: hastened });
  });
};

/** Opens more tabs beside the first, at the same path, one after the other. */
export const openTabs = async (context: BrowserContext, count: number, url: string): Promise<Page[]> => {
  const pages: Page[] = [];
  for (let number = 0; number < count; number += 1) {
    const page = await context.newPage();
    await page.goto(url);
    pages.push(page);
  }
  return pages;
};

/** Lets the pages of a context be hidden and shown by `setVisibility`: for Playwright all of them are seen at once. */
export const letPagesHide = async (context: BrowserContext): Promise<void> => {
  await context.addInitScript(() => {
    let state = 'visible';
    Object.defineProperty(document, 'visibilityState', { get: () => state });
    document.addEventListener('test:visibility', (event) => {
      if (event instanceof CustomEvent) state = String(event.detail);
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    });
  });
};

export const setVisibility = (page: Page, state: 'visible' | 'hidden'): Promise<void> =>
  page.evaluate((detail) => void document.dispatchEvent(new CustomEvent('test:visibility', { detail })), state);
