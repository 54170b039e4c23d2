import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { build } from 'vite';

const ENTRY = fileURLToPath(new URL('../probe/probe.ts', import.meta.url));

const bundle = async (): Promise<string> => {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, lib: { entry: ENTRY, formats: ['es'] } },
  });
  const [bundled] = Array.isArray(result) ? result : [result];
  if (!bundled || !('output' in bundled)) throw new Error('The probe was not bundled.');
  return bundled.output[0].code;
};

/** Opens a page of the given origin that holds the client half of the stack and nothing else, as `window.probe`. */
export const openProbe = async (page: Page, origin: string, query = ''): Promise<void> => {
  const code = await bundle();
  await page.route(`${origin}/probe.js`, (route) => route.fulfill({ contentType: 'text/javascript', body: code }));
  await page.route(`${origin}/probe${query}`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: '<!doctype html><link rel="icon" href="data:,"><title>probe</title><script type="module" src="/probe.js"></script>',
    }),
  );
  await page.goto(`${origin}/probe${query}`);
  await page.waitForFunction(() => 'probe' in window);
};
