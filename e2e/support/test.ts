import { type BrowserContext, type BrowserContextOptions, test as base, expect } from '@playwright/test';
import { type Server, type ServerOptions, startServer } from './server.ts';

/** Chromium notes each failed call of the API on the console itself. Tests look at those where they matter. */
const FAILED_RESOURCE = /^Failed to load resource: (the server responded with a status of|net::ERR_)/;

interface TestFixtures {
  /** What a test expects the console to say, where it attacks or breaks things on purpose. */
  expectedComplaints: RegExp | undefined;
  /** Opens a browser profile of its own (cookies, storage), watched as the test's own is. */
  newVisitor: (options?: BrowserContextOptions) => Promise<BrowserContext>;
  /** A server for this test alone: to be killed, or with variables of its own. */
  newServer: (options?: ServerOptions) => Promise<Server>;
  /** Fails a test in which a page wrote to the console, threw, or broke its content security policy. */
  watch: (context: BrowserContext) => void;
}

interface WorkerFixtures {
  /** Variables of the shared server beside those that every test server has. */
  serverEnv: Record<string, string>;
  /** Shared by the tests of a worker: each test registers users of its own. */
  server: Server;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  serverEnv: [{}, { scope: 'worker', option: true }],

  server: [
    async ({ serverEnv }, use) => {
      const server = await startServer({ env: serverEnv });
      await use(server);
      await server.remove();
    },
    { scope: 'worker' },
  ],

  baseURL: async ({ server }, use) => {
    await use(server.url);
  },

  expectedComplaints: [undefined, { option: true }],

  watch: async ({ expectedComplaints }, use) => {
    const complaints: string[] = [];
    await use((context) => {
      context.on('console', (message) => {
        if (message.type() !== 'error' && message.type() !== 'warning') return;
        const refused =
          FAILED_RESOURCE.test(message.text()) && new URL(message.location().url).pathname.startsWith('/api/');
        if (refused || expectedComplaints?.test(message.text())) return;
        complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
      });
      context.on('weberror', (error) => complaints.push(`thrown: ${error.error().stack ?? error.error().message}`));
    });
    expect(complaints, 'what the pages complained of').toEqual([]);
  },

  context: async ({ context, watch }, use) => {
    watch(context);
    await use(context);
  },

  newVisitor: async ({ browser, baseURL, watch }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (options) => {
      const context = await browser.newContext({ ...(baseURL ? { baseURL } : {}), ...options });
      watch(context);
      contexts.push(context);
      return context;
    });
    await Promise.all(contexts.map((context) => context.close()));
  },

  newServer: async ({ browserName: _ }, use) => {
    const servers: Server[] = [];
    await use(async (options) => {
      const server = await startServer(options);
      servers.push(server);
      return server;
    });
    await Promise.all(servers.map((server) => server.remove()));
  },
});

export { expect };
