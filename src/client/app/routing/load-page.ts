import type { RouteComponent } from '@tanstack/react-router';
import { browserReloader, forgetReload, reloadOnce } from './reload-once.ts';

/** Never settles: the page is about to be replaced, and until then it stays as it is. */
const untilReloaded = <Value>(): Promise<Value> => new Promise(() => {});

/**
 * Loads a page's code when the page is first opened. When it is missing, since a newer version was deployed, the app
 * reloads once. (The router's own `lazyRouteComponent` does so too, but notes it in sessionStorage, which this app
 * leaves empty.)
 */
export const loadPage = async (load: () => Promise<RouteComponent>): Promise<RouteComponent> => {
  const reloader = browserReloader();
  try {
    const page = await load();
    forgetReload(reloader);
    return page;
  } catch (error) {
    if (await reloadOnce(reloader)) return untilReloaded();
    throw error;
  }
};
