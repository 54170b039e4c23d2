import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Window } from 'happy-dom';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'latchkey-rendering-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As much of React and of the page as the tests use. */
interface Bundle {
  version: string;
  renderToString: (page: unknown) => string;
  hydrateRoot: (root: unknown, page: unknown, options: { onRecoverableError: (error: unknown) => void }) => unknown;
  createPage: (options?: object) => {
    page: unknown;
    auth: { settled: () => Promise<{ status: string }>; getState: () => unknown; stop: () => void };
  };
}

/** The page with the React of that version, in one file: two cannot stand side by side in `node_modules`. */
const bundle = async (react: string): Promise<string> => {
  const dom = react.replace('react', 'react-dom');
  const entry = `
    export { version } from '${react}';
    export { renderToString } from '${dom}/server';
    export { hydrateRoot } from '${dom}/client';
    export { createPage } from '${ROOT}src/testing/client/rendered-page.tsx';`;
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    root: ROOT,
    resolve: {
      alias: [
        { find: /^react(?=\/|$)/, replacement: react },
        { find: /^react-dom(?=\/|$)/, replacement: dom },
      ],
    },
    oxc: { jsx: { runtime: 'automatic', development: false } },
    plugins: [
      {
        name: 'entry',
        enforce: 'pre',
        resolveId: (id) => (id === 'virtual:page' ? id : null),
        load: (id) => (id === 'virtual:page' ? entry : null),
      },
    ],
    define: { 'process.env.NODE_ENV': '"production"' }, // It tells of mismatches as well, and is a tenth of the code.
    ssr: { noExternal: true, target: 'node' },
    build: { ssr: true, write: false, minify: true, rolldownOptions: { input: 'virtual:page' } },
  });
  if (!('output' in built)) throw new Error('The build gave no single bundle.');
  const file = join(folder, `${react}.mjs`);
  writeFileSync(file, built.output[0].code);
  return file;
};

describe.each(['react18', 'react'])('with %s', (react) => {
  let file = '';
  beforeAll(async () => {
    file = await bundle(react);
  });

  test('a server renders a page that is restoring, starts nothing, and ends by itself', async () => {
    const script = `
      const started = [];
      for (const name of ['setTimeout', 'setInterval', 'fetch', 'BroadcastChannel']) globalThis[name] = () => started.push(name);
      const { createPage, renderToString, version } = await import(${JSON.stringify(file)});
      const { auth, page } = createPage();
      const html = renderToString(page);
      console.log(JSON.stringify({ version, html, started, state: await auth.settled() }));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    const said: unknown = JSON.parse(stdout);
    expect(said).toEqual({
      version: expect.stringMatching(react === 'react18' ? /^18\./ : /^19\./),
      html: '<p>restoring</p>',
      started: [],
      state: { status: 'restoring', offline: false },
    });
  });

  test('a page that knows better already hydrates without a mismatch, and then shows what it knows', async () => {
    const window = new Window({ url: 'http://localhost:3000/' });
    for (const name of ['window', 'document', 'navigator'] as const) vi.stubGlobal(name, window[name] ?? window);
    const { createPage, hydrateRoot }: Bundle = await import(file);
    const root = window.document.createElement('div');
    window.document.body.append(root);
    root.innerHTML = '<p>restoring</p>';
    const mismatches: unknown[] = [];
    const { auth, page } = createPage();
    expect(await auth.settled()).toMatchObject({ status: 'anonymous' });
    hydrateRoot(root, page, { onRecoverableError: (error) => mismatches.push(error) });
    await vi.waitFor(() => expect(root.innerHTML).toBe('<p>anonymous</p>'));
    expect(mismatches).toEqual([]);
    auth.stop();
    await window.happyDOM.close();
  });
});
