/** What the reload needs of the browser. */
export interface Reloader {
  history: Pick<History, 'state' | 'replaceState'>;
  /**
   * Whether the server hands out the page at all: a reload without one would leave the user with the browser's error
   * page.
   */
  reachable: () => Promise<boolean>;
  reload: () => void;
}

const MARK = 'reloadedForNewVersion';

const stateOf = (history: Reloader['history']): Record<string, unknown> => {
  const state: unknown = history.state;
  return typeof state === 'object' && state !== null ? { ...state } : {};
};

/**
 * Reloads a page that misses a part of itself, which is what a tab sees that was open across a deployment. Once: the
 * mark lies in the history entry, which outlives the reload and needs no storage.
 *
 * @returns whether the page is about to reload
 */
export const reloadOnce = async ({ history, reachable, reload }: Reloader): Promise<boolean> => {
  if (stateOf(history)[MARK] === true || !(await reachable())) return false;
  history.replaceState({ ...stateOf(history), [MARK]: true }, '');
  reload();
  return true;
};

/** Every part is there: the next deployment may reload this entry again. */
export const forgetReload = ({ history }: Pick<Reloader, 'history'>): void => {
  const { [MARK]: mark, ...rest } = stateOf(history);
  if (mark === true) history.replaceState(rest, '');
};

const isReachable = async (): Promise<boolean> => {
  try {
    return (await fetch(window.location.href, { method: 'HEAD', cache: 'no-store' })).ok;
  } catch {
    return false;
  }
};

export const browserReloader = (): Reloader => ({
  history: window.history,
  reachable: isReachable,
  reload: () => window.location.reload(),
});
