import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { build } from 'vite';

interface Probe {
  /** A file of `e2e/probe`. */
  entry: string;
  /** What the page puts into the window when it is ready. */
  ready: string;
}

const makeBundle = async (entry: string): Promise<string> => {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    // What a library leaves to the app that bundles it.
    define: { 'process.env.NODE_ENV': JSON.stringify('production') },
    build: {
      write: false,
      lib: { entry: fileURLToPath(new URL(`../probe/${entry}`, import.meta.url)), formats: ['es'] },
    },
  });
  const [bundled] = Array.isArray(result) ? result : [result];
  if (!bundled || !('output' in bundled)) throw new Error('The probe was not bundled.');
  return bundled.output[0].code;
};

/** Of the tests of a worker, which all take the same. */
const bundles = new Map<string, Promise<string>>();

const bundle = (entry: string): Promise<string> => {
  const made = bundles.get(entry) ?? makeBundle(entry);
  bundles.set(entry, made);
  return made;
};

const open = async (page: Page, origin: string, query: string, { entry, ready }: Probe): Promise<void> => {
  const code = await bundle(entry);
  await page.route(`${origin}/probe.js`, (route) => route.fulfill({ contentType: 'text/javascript', body: code }));
  await page.route(`${origin}/probe${query}`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: '<!doctype html><link rel="icon" href="data:,"><title>probe</title><body><script type="module" src="/probe.js"></script>',
    }),
  );
  await page.goto(`${origin}/probe${query}`);
  await page.waitForFunction((name) => name in window, ready);
};

/** Opens a page of the given origin that holds the client half of the stack and nothing else, as `window.probe`. */
export const openProbe = (page: Page, origin: string, query = ''): Promise<void> =>
  open(page, origin, query, { entry: 'probe.ts', ready: 'probe' });

/** Opens a page of the given origin, as `window.otherHost`, whose API is on the host that the query names. */
export const openOtherHost = (page: Page, origin: string, query: string): Promise<void> =>
  open(page, origin, query, { entry: 'other-host.ts', ready: 'otherHost' });

/** Opens a page of the given origin that shows notes with TanStack Query and React, as `window.notesPage`. */
export const openNotesPage = (page: Page, origin: string): Promise<void> =>
  open(page, origin, '', { entry: 'notes-page.tsx', ready: 'notesPage' });
