import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { InstalledApp } from './installed-app.ts';

const run = promisify(execFile);

const ROOT = resolve(import.meta.dirname, '..');

/** By the version, where its compiler is. */
const PATHS = {
  '5.7': 'package/compilers/5.7/node_modules/typescript',
  '5.9': 'package/compilers/5.9/node_modules/typescript',
  '6': 'package/compilers/6/node_modules/typescript',
  '7': 'node_modules/typescript',
} as const satisfies Record<Compiler, string>;

export const COMPILERS = ['5.7', '5.9', '6', '7'] as const;
export type Compiler = (typeof COMPILERS)[number];

/** What an app may ask of its compiler, as strict as it gets. */
const STRICT = {
  target: 'ES2022',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  esModuleInterop: true,
  jsx: 'react-jsx',
  declaration: true,
  types: ['node'],
  rootDir: '.',
  outDir: 'out',
};

const RESOLVING = {
  bundler: { module: 'ESNext', moduleResolution: 'bundler' },
  nodenext: { module: 'NodeNext', moduleResolution: 'NodeNext' },
} as const;

export const RESOLUTIONS = ['bundler', 'nodenext'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

export const HALVES = ['server', 'client'] as const;
export type Half = (typeof HALVES)[number];

export interface Project {
  compiler: Compiler;
  resolution: Resolution;
  files: readonly string[];
  /** The server half does without. */
  hasDom?: boolean;
  options?: object;
}

/** Lines about the app or the package. What is wrong in the declarations of others is not ours to mend. */
const OURS = /^(?:src|node_modules\/latchkey|tsconfig|error)\b/;

/** Compiles files of an app. Resolves with what the compiler complains of. */
export const compile = async (app: InstalledApp, project: Project): Promise<string> => {
  const { compiler, resolution, files, hasDom = false, options = {} } = project;
  const lib = ['ES2023', ...(hasDom ? ['DOM', 'DOM.Iterable'] : [])];
  const compilerOptions = { ...STRICT, ...RESOLVING[resolution], lib, ...options };
  const path = app.write('tsconfig.json', JSON.stringify({ compilerOptions, files }));
  try {
    await run(process.execPath, [join(ROOT, PATHS[compiler], 'bin/tsc'), '-p', path], { cwd: app.folder });
    return '';
  } catch (error) {
    const complaints = String(Reflect.get(Object(error), 'stdout')).split('\n');
    return complaints.filter((line) => OURS.test(line)).join('\n');
  }
};
