import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/*
 * `npm run dev`: bundles the server as `npm run build` does, which takes a third of a second, and runs it. Compiling
 * its files one by one as they are asked for takes five times as long.
 */
const ROOT = new URL('..', import.meta.url);
const NAME = 'dev';
/** As deep as the sources, from where the server looks for the page. */
const FOLDER = `dist/${NAME}`;

await build({
  configFile: false,
  root: fileURLToPath(ROOT),
  logLevel: 'warn',
  ssr: { noExternal: ['kysely'] },
  build: { ssr: `src/server/${NAME}.ts`, outDir: FOLDER, copyPublicDir: false, target: 'node20', sourcemap: true },
});
// A build calls itself production, and Vite and libraries of the server would take that for their mode.
process.env.NODE_ENV = 'development';

process.setSourceMapsEnabled(true);
await import(new URL(`${FOLDER}/${NAME}.js`, ROOT).href);
