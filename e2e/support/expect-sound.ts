import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const SIZES = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 800 } };
const COLOR_SCHEMES = ['light', 'dark'] as const;

/** What the other colours of a page can break in it; all else is the same in both. */
const RULES_OF_COLORS = ['color-contrast', 'link-in-text-block'];

/** What axe finds in a page as it is now, with all of its rules or with some. */
const violationsOf = async (page: Page, rules?: string[]) => {
  // Colours in the middle of a transition are no colours of the page. What waits may turn for as long as it does.
  await page.evaluate(() => {
    const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    return Promise.allSettled(ending.map(({ finished }) => finished));
  });
  // The other mode judges the frames of other origins as well, in a page that it opens each time. Here are none.
  const axe = new AxeBuilder({ page }).setLegacyMode();
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  return violations.map(({ id, nodes }) => ({ id, at: nodes.map(({ html }) => html) }));
};

/**
 * Fails on what axe finds in a page on a phone and on a desktop, in the light and in the dark, and on a page that
 * scrolls sideways.
 */
export const expectSound = async (page: Page): Promise<void> => {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of COLOR_SCHEMES) {
      await page.emulateMedia({ colorScheme });
      const rules = colorScheme === 'light' ? undefined : RULES_OF_COLORS;
      expect(await violationsOf(page, rules), `${page.url()}, ${colorScheme}, ${size}`).toEqual([]);
    }
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, `pixels to scroll sideways at ${page.url()}, ${size}`).toBeLessThanOrEqual(0);
  }
};
