import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as client from 'latchkey/client';
import { build } from 'vite';

/** What a tRPC app with React has in its page anyway. */
const BASE = [/^@trpc\//, /^react(?:\/|$)/];

const ENTRY = 'virtual:entry';
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The parts of the client half, each by its files. What is named nowhere is of the engine. */
const PARTS = {
  link: ['session-link', 'streamed', 'operation-run', 'cookie-procedure', 'token-headers'],
  subscriptions: ['subscription', 'stream-slots', 'event-source'],
  tabs: ['other-tabs', 'tab-channel', 'tab-lock'],
  react: ['react/index'],
} as const satisfies Record<string, readonly string[]>;

export interface Bytes {
  minified: number;
  gzipped: number;
}

const bundle = async (source: string, left: readonly string[] = []): Promise<string> => {
  const built = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'silent',
    define: { 'process.env.NODE_ENV': '"production"' },
    // As in production: a test's NODE_ENV would leave file names and lines in the JSX.
    oxc: { jsx: { runtime: 'automatic', development: false } },
    plugins: [
      {
        name: 'entry',
        enforce: 'pre',
        resolveId: (id) => (id === ENTRY ? ENTRY : null),
        load: (id) => (id === ENTRY ? source : null),
      },
    ],
    build: {
      write: false,
      minify: true,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: ENTRY,
        preserveEntrySignatures: 'strict',
        external: (id) =>
          BASE.some((name) => name.test(id)) || left.some((file) => new RegExp(`/${file}\\.tsx?$`).test(id)),
      },
    },
  });
  if (!('output' in built)) throw new Error('The build gave no single bundle.');
  return built.output[0].code;
};

const bytesOf = async (source: string, left: readonly string[] = []): Promise<Bytes> => {
  const code = await bundle(source, left);
  return { minified: Buffer.byteLength(code), gzipped: gzipSync(code).length };
};

const INDEX = '/src/client/auth/index.ts';

/** For an app with TanStack Query: one without it bundles none of them. */
const FOR_QUERIES: readonly string[] = ['leaveUser', 'queryDefaults', 'retryUnlessRefused'];
const NAMES = Object.keys(client).filter((name) => !FOR_QUERIES.includes(name));

const CLIENT = `
  export { ${NAMES.join()} } from '${INDEX}';
  export * from '/src/client/auth/react/index.tsx';
`;

/** The client half as an app bundles it that takes no feature, without what it has anyway. */
export const bundleClient = (): Promise<string> => bundle(`export * from '${INDEX}';`);

export interface ClientBytes {
  /** All of the client half that is ours. */
  total: Bytes;
  /** What each part adds to those before it. They sum up to the total. */
  parts: Record<string, Bytes>;
  /** What an app with TanStack Query adds to the total. */
  queries: Bytes;
  /** The package that an app with subscriptions needs: the browser's own EventSource sends no headers. */
  eventSource: Bytes;
}

/** What the client half adds to a page that has tRPC's client and React, in bytes. */
export const measureClientBytes = async (): Promise<ClientBytes> => {
  const names = Object.keys(PARTS);
  const left: string[][] = [names, ...names.map((_, index) => names.slice(index + 1))];
  const parts: Record<string, Bytes> = {};
  let total: Bytes = { minified: 0, gzipped: 0 };
  for (const [index, missing] of left.entries()) {
    const files = Object.entries(PARTS).flatMap(([name, of]) => (missing.includes(name) ? of : []));
    const grown = await bytesOf(CLIENT, files);
    parts[names[index - 1] ?? 'engine'] = {
      minified: grown.minified - total.minified,
      gzipped: grown.gzipped - total.gzipped,
    };
    total = grown;
  }
  const whole = await bytesOf(`${CLIENT} export { ${FOR_QUERIES.join()} } from '${INDEX}';`);
  return {
    total,
    parts,
    queries: { minified: whole.minified - total.minified, gzipped: whole.gzipped - total.gzipped },
    eventSource: await bytesOf(`export { EventSource } from 'eventsource';`),
  };
};
