import { defineConfig } from '@playwright/test';
import { CHROMIUM_ARGS, ensureChromium } from './src/testing/chromium.ts';

// The workers load this file too: they find the answer of the first load in their environment.
process.env.CHROMIUM_PATH = ensureChromium();

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  fullyParallel: true,
  workers: 3, // on two cores too: much of the time they wait for timers and for each other's tabs
  retries: 0, // a test that fails once has found something
  forbidOnly: Boolean(process.env.CI),
  timeout: 60_000, // a machine that has other things to do
  expect: { timeout: 10_000 },
  reporter: [['list']],
  outputDir: 'test-results',
  use: {
    browserName: 'chromium',
    headless: true,
    launchOptions: { executablePath: process.env.CHROMIUM_PATH, args: CHROMIUM_ARGS },
    screenshot: 'only-on-failure',
  },
});
