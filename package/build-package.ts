import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod/v4';
import root from '../package.json' with { type: 'json' };
import { COMMAND, createManifest, LIB } from './manifest.ts';

const run = promisify(execFile);

const ROOT = resolve(import.meta.dirname, '..');

const mapSchema = z.looseObject({ sources: z.array(z.string()) });

const writeJson = (path: string, value: unknown): Promise<void> =>
  writeFile(path, `${JSON.stringify(value, null, 2)}\n`);

/**
 * Compiles the entries, and so whatever they import and nothing else: no test, nothing of the app around them.
 * Declarations keep the names of the sources (`./auth.ts`), which TypeScript reads as those of the declarations beside
 * it.
 */
const compile = async (folder: string): Promise<void> => {
  const project = join(folder, 'tsconfig.json');
  await writeJson(project, {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      allowJs: false,
      checkJs: false,
      rootDir: join(ROOT, 'src'),
      outDir: join(folder, LIB),
      types: ['node'],
      typeRoots: [join(ROOT, 'node_modules/@types')],
      declaration: true,
      rewriteRelativeImportExtensions: true,
      sourceMap: true,
      // The sources stay at home: a debugger finds them in the maps.
      inlineSources: true,
    },
    files: [...Object.values(root.exports), COMMAND].map((source) => join(ROOT, source)),
    include: [],
  });
  try {
    await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', project]);
  } catch (error) {
    throw new Error(`The package does not compile.\n${String(Reflect.get(Object(error), 'stdout'))}`, { cause: error });
  } finally {
    await rm(project);
  }
};

/**
 * Lets each map name its source as a file beside it. As the compiler has it, it would be one of `src` of whatever
 * stands around the package: the app's own, for a debugger.
 */
const settleMaps = async (folder: string): Promise<void> => {
  const names = await readdir(folder, { recursive: true });
  for (const name of names.filter((name) => name.endsWith('.js.map'))) {
    const path = join(folder, name);
    const map = mapSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    await writeFile(path, JSON.stringify({ ...map, sources: map.sources.map((source) => basename(source)) }));
  }
};

/** Makes the package in a folder, in which `npm pack` then makes what people install. */
export const buildPackage = async (folder: string): Promise<void> => {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await compile(folder);
  await settleMaps(join(folder, LIB));
  await writeJson(join(folder, 'package.json'), createManifest());
  for (const name of ['LICENSE', 'CHANGELOG.md']) await cp(join(ROOT, name), join(folder, name));
  await cp(join(ROOT, 'package/README.md'), join(folder, 'README.md'));
};
