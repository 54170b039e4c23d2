import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(path, 'utf8');

const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(path));

/** Without its code, in which brackets are no links. */
const proseOf = (page: string): string => page.replaceAll(/^ *```[^]*?^ *```$/gm, '').replaceAll(/`[^`\n]*`/g, 'code');

/** The names under which GitHub finds the headings of a page. */
const anchorsOf = (page: string): string[] =>
  page
    .replaceAll(/^ *```[^]*?^ *```$/gm, '')
    .split('\n')
    .filter((line) => /^#{1,6} /.test(line))
    .map((line) =>
      line
        .replace(/^#+ /, '')
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );

/** Guides that are still being written, beside the examples. To be emptied with the last of them. */
const AWAITED = ['express', 'fetch', 'next', 'members', 'drizzle-and-prisma'].map((name) => `docs/guides/${name}.md`);

const isBroken = (from: string, link: string): boolean => {
  const [file = '', anchor] = link.split('#');
  const path = file === '' ? from : join(dirname(from), decodeURIComponent(file));
  if (!existsSync(path)) return !AWAITED.includes(path);
  return anchor !== undefined && path.endsWith('.md') && !anchorsOf(read(path)).includes(anchor);
};

test('every relative link of a page leads somewhere', () => {
  const broken = pages.flatMap((from) =>
    [...proseOf(read(from)).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)]
      .map(([, link, source]) => link ?? source ?? '')
      .filter((link) => !/^[a-z]+:/.test(link) && isBroken(from, link))
      .map((link) => `${from}: ${link}`),
  );
  expect(pages.length).toBeGreaterThan(20);
  expect(broken).toEqual([]);
});

/** The names of each entry of the package, as `package/public-names.txt` has them. */
const entries = new Map(
  read('package/public-names.txt')
    .split('\n\n')
    .map((paragraph) => {
      const [entry = '', ...names] = paragraph.trim().split('\n');
      return [entry, new Set(names.map((name) => name.trim().replace(/^type /, '')))];
    }),
);

const CODE = /^ *```tsx?\n([^]*?)^ *```$/gm;
const NAMED = /import (?:type )?\{([^}]*)\} from '(latchkey\/[^']+)'/g;
const NAMESPACE = /import \* as (\w+) from '(latchkey\/[^']+)'/g;

/** What the code of a page takes from the package: `[entry, name]`. */
const takenBy = (page: string): [string, string][] => {
  const code = [...page.matchAll(CODE)].map(([, block = '']) => block).join('\n');
  const named = [...code.matchAll(NAMED)].flatMap(([, list = '', entry = '']) =>
    list
      .split(',')
      .map((item) =>
        item
          .trim()
          .replace(/^type /, '')
          .replace(/ as .*$/, ''),
      )
      .filter((name) => name !== '')
      .map((name): [string, string] => [entry, name]),
  );
  // Another block goes on with the names of the first.
  const members = [...code.matchAll(NAMESPACE)].flatMap(([, alias = '', entry = '']) =>
    [...code.matchAll(new RegExp(`\\b${alias}\\.(\\w+)`, 'g'))].map(([, name = '']): [string, string] => [entry, name]),
  );
  return [...named, ...members];
};

test('what the code of the guides takes from the package is there', () => {
  const taken = pages.flatMap((page) => takenBy(read(page)).map(([entry, name]) => ({ page, entry, name })));
  expect(taken.length).toBeGreaterThan(50);
  expect(taken.filter(({ entry, name }) => entries.get(entry)?.has(name) !== true)).toEqual([]);
});

test('what is read at the registry has the code of README', () => {
  const codeOf = (page: string): string[] => [...read(page).matchAll(CODE)].map(([block]) => block);
  expect(codeOf('package/README.md')).toEqual(codeOf('README.md'));
});
