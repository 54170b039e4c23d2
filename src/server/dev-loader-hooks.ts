import { readFile } from 'node:fs/promises';
import { createRequire, type LoadHook, type ResolveHook } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const KYSELY: string = pathToFileURL(createRequire(import.meta.url).resolve('kysely')).href;

/** Kysely by its CommonJS build: as modules it is hundreds of files, of which each is asked for on its own. */
export const resolve: ResolveHook = (specifier, context, next) =>
  specifier === 'kysely' ? { url: KYSELY, format: 'commonjs', shortCircuit: true } : next(specifier, context);

/** Modules of libraries as they are: tsx rewrites them as if they were sources, and of Vite that takes a second. */
export const load: LoadHook = async (url, context, next) =>
  context.format === 'module' && url.includes('/node_modules/')
    ? { format: 'module', source: await readFile(fileURLToPath(url)), shortCircuit: true }
    : next(url, context);
