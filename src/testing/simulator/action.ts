import type { Transit } from './network.ts';
import type { Tab } from './tab.ts';
import type { World } from './world.ts';

/** Something that happens in the world. The number chooses how, and may be any. */
export type Action = (world: World, pick: number) => void | Promise<void>;

/** Actions by their names, each with how often it happens beside the others. */
export type Actions = Readonly<Record<string, readonly [weight: number, action: Action]>>;

/** One of the list. */
export const choose = <T>(list: readonly T[], pick: number): T | undefined => list[pick % list.length];

/** What is left of a number that has chosen among so many. */
export const rest = (pick: number, choices: number): number => Math.floor(pick / Math.max(1, choices));

/** Acts on an open tab. */
export const onTab =
  (act: (world: World, tab: Tab, pick: number) => void): Action =>
  (world, pick) => {
    const tabs = world.tabs();
    const tab = choose(tabs, pick);
    if (tab !== undefined) act(world, tab, rest(pick, tabs.length));
  };

/** Acts in an open tab, as its user or the page itself does: not in a frozen one. */
export const inTab = (act: (world: World, tab: Tab, pick: number) => void): Action =>
  onTab((world, tab, pick) => {
    if (!tab.page.isFrozen()) act(world, tab, pick);
  });

/** Acts on a request that is under way. */
export const onWire =
  (act: (world: World, transit: Transit, pick: number) => void | Promise<void>): Action =>
  (world, pick) => {
    const underWay = world.network.underWay();
    const transit = choose(underWay, pick);
    if (transit !== undefined) return act(world, transit, rest(pick, underWay.length));
  };
