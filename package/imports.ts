import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const IMPORT = /^(?:import|export)\b[^;]*?\bfrom ['"]([^'"]+)['"]|^import ['"]([^'"]+)['"]/gm;

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

export interface Loaded {
  /** Packages, and modules of Node.js as `node:`. */
  packages: string[];
  files: string[];
}

/** What is loaded with a file, its own imports' imports included, as long as they are static. */
export const loadedWith = (file: string): Loaded => {
  const [packages, files] = [new Set<string>(), new Set<string>()];
  const visit = (path: string): void => {
    if (files.has(path)) return;
    files.add(path);
    for (const [, from, bare] of readFileSync(path, 'utf8').matchAll(IMPORT)) {
      const specifier = from ?? bare ?? '';
      if (specifier.startsWith('.')) visit(join(dirname(path), specifier));
      else packages.add(specifier.startsWith('node:') ? 'node:' : packageOf(specifier));
    }
  };
  visit(file);
  return { packages: [...packages].toSorted(), files: [...files].toSorted() };
};

const IMPORTED_TYPES = /\bimport\("([^"]+)"\)/g;

/**
 * The packages whose types the declarations of an entry are made of, those of other declarations that it reaches
 * included.
 */
export const declaredWith = (declarations: string): string[] => {
  const [packages, files] = [new Set<string>(), new Set<string>()];
  const visit = (path: string): void => {
    if (files.has(path)) return;
    files.add(path);
    const text = readFileSync(path, 'utf8');
    for (const [, from, bare] of [...text.matchAll(IMPORT), ...text.matchAll(IMPORTED_TYPES)]) {
      const specifier = from ?? bare ?? '';
      if (specifier.startsWith('.')) visit(join(dirname(path), specifier.replace(/\.[tj]sx?$/, '.d.ts')));
      else packages.add(specifier.startsWith('node:') ? 'node:' : packageOf(specifier));
    }
  };
  visit(declarations);
  return [...packages].toSorted();
};
