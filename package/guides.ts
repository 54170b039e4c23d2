import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { publicNames } from './public-names.ts';

const ROOT = resolve(import.meta.dirname, '..');

/** What the code of a page takes for granted, beside what the blocks before it have imported. */
const PREAMBLES = join(import.meta.dirname, 'app/guides');

export interface Snippet {
  /** Where it is compiled, below the folder of the guides. */
  file: string;
  text: string;
}

interface Page {
  name: string;
  text: string;
}

const read = (name: string): Page => ({
  name: basename(name, '.md').toLowerCase(),
  text: readFileSync(join(ROOT, name), 'utf8'),
});

/** README and the guides: the pages whose code people copy. */
const readPages = (): Page[] => [
  read('README.md'),
  ...readdirSync(join(ROOT, 'docs/guides')).map((name) => read(`docs/guides/${name}`)),
];

const FENCE = /^( *)```(\w*)[^\n]*\n([^]*?)^ *```$/gm;
const IMPORT = /^import (type )?(?:\{([^}]*)\}|\* as (\w+)|(\w+)) from '([^']+)';$/gm;
/** The first line of a block that says which file it is. */
const PATH = /^\/\/ ([\w./[\]-]+\.tsx?)\b/;

/** What a block imports: by each name, the line that imports it alone. */
const importsOf = (code: string): Map<string, string> => {
  const imports = new Map<string, string>();
  for (const [, type = '', list = '', namespace, whole, from] of code.matchAll(IMPORT)) {
    for (const item of list
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')) {
      imports.set(item.replace(/^(?:type |.* as )/, ''), `import ${type}{ ${item} } from '${from}';`);
    }
    if (namespace !== undefined) imports.set(namespace, `import * as ${namespace} from '${from}';`);
    if (whole !== undefined) imports.set(whole, `import ${type}${whole} from '${from}';`);
  }
  return imports;
};

const declares = (code: string, name: string): boolean =>
  new RegExp(`^(?:export )?(?:const|function|interface|type) ${name}\\b`, 'm').test(code);

/** The names of a preamble, each by the line that imports it into a block of a page. */
const preambleOf = (half: 'server' | 'client'): [string, string][] =>
  publicNames(join(PREAMBLES, `${half}.ts`)).map((item) => {
    return [item.replace(/^type /, ''), `import { ${item} } from '../${half}.ts';`];
  });

const PREAMBLE = { server: preambleOf('server'), client: preambleOf('client') };

/**
 * The code of a page as files of an app. A block that names its file in its first line is whole, and stands there; one
 * that exports the router is `server.ts`, which the client of the same page imports. Any other has what the blocks
 * before it have imported, and the names of a preamble.
 */
const snippetsOf = ({ name, text }: Page): Snippet[] => {
  const imported = new Map<string, string>();
  const snippets = [...text.matchAll(FENCE)].flatMap(({ 1: indent = '', 2: language = '', 3: block = '' }, index) => {
    if (!/^tsx?$/.test(language)) return [];
    const code = block.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
    const path = PATH.exec(code)?.[1] ?? (/^export type AppRouter\b/m.test(code) ? 'server.ts' : undefined);
    const own = importsOf(code);
    const before = new Map(imported);
    // Another file finds the same package, and its neighbours elsewhere.
    for (const [taken, line] of own) if (path === undefined || !line.includes("from '.")) imported.set(taken, line);
    if (path !== undefined) return [{ file: `${name}/${path}`, text: code }];
    const half = language === 'tsx' || name === 'client' ? 'client' : 'server';
    const lines = [...new Map([...PREAMBLE[half], ...before])]
      .filter(([taken]) => !own.has(taken) && !declares(code, taken))
      .map(([, line]) => line);
    return [{ file: `${name}/${index + 1}.${language}`, text: [...lines, code, 'export {};\n'].join('\n') }];
  });
  const hasServer = snippets.some(({ file }) => file === `${name}/server.ts`);
  return hasServer ? snippets : [...snippets, { file: `${name}/server.ts`, text: "export * from '../server.ts';\n" }];
};

export const readSnippets = (): Snippet[] => readPages().flatMap(snippetsOf);

/** The languages of all blocks, each once. */
export const readLanguages = (): string[] => {
  const languages = readPages().flatMap(({ text }) => [...text.matchAll(FENCE)].map(([, , language = '']) => language));
  return [...new Set(languages)].toSorted();
};
