import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PASSWORD_LIMITS } from '#server/auth/features/passwords/password-limits.ts';
import { FLOW_LIMITS } from '#server/auth/flows/flow-limits.ts';
import { CORE_LIMITS } from '#server/auth/limits/core-limits.ts';

const ROOT = new URL('../../', import.meta.url);
const readText = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');
const page = readText('docs/security.md');

/**
 * What the page has to answer for: requirements of OWASP ASVS 5.0 about sessions, tokens, passwords and the web around
 * them.
 */
const REQUIREMENTS = [
  '2.3.3 3.2.1 3.3.1 3.3.2 3.3.3 3.3.4 3.3.5 3.4.1 3.4.2 3.4.3 3.4.4 3.4.5 3.4.6 3.4.7 3.4.8 3.5.1 3.5.2 3.5.3 4.1.1',
  '6.1.1 6.1.2 6.1.3 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.2.9 6.2.10 6.2.11 6.2.12',
  '6.3.1 6.3.2 6.3.3 6.3.4 6.3.5 6.3.6 6.3.7 6.3.8 6.4.1 6.4.2 6.4.3 6.4.4 6.4.6',
  '6.5.1 6.5.2 6.5.3 6.5.4 6.5.5 6.5.6 6.6.1 6.6.2 6.6.3 6.7.1 6.7.2 6.8.1 6.8.2 6.8.3 6.8.4',
  '7.1.1 7.1.2 7.1.3 7.2.1 7.2.2 7.2.3 7.2.4 7.3.1 7.3.2 7.4.1 7.4.2 7.4.3 7.4.4 7.4.5 7.5.1 7.5.2 7.5.3 7.6.1 7.6.2 8.3.2',
  '9.1.1 9.1.2 9.1.3 9.2.1 9.2.2 9.2.3 9.2.4 10.4.5 10.4.8 11.2.2 11.4.2 11.5.1',
  '14.2.1 14.3.1 14.3.2 14.3.3 15.2.2 15.3.3 15.3.5 15.4.2 16.2.5 16.3.1 16.3.2 16.3.3 16.4.1 16.5.1 16.5.2 16.5.3 16.5.4',
].flatMap((line) => line.split(' '));

/** The cells of each row of the table under a heading, without its head. */
const rowsUnder = (text: string, heading: string): string[][] => {
  const [, section = ''] = text.split(`\n## ${heading}\n`);
  const [, table = ''] = /\n\| --- .*\n((?:\|.*\n)+)/.exec(section) ?? [];
  const lines = table.split('\n').filter((line) => line !== '');
  return lines.map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));
};

interface Proof {
  path: string;
  /** Titles from the outside in. */
  titles: string[];
}

/** A link to a test file, a colon, and titles in code: [a.test.ts](../src/a.test.ts): `title`, `group › title`. */
const proofsIn = (text: string): Proof[] =>
  [...text.matchAll(/\]\(\.\.\/([^)\s]+\.(?:test|spec)\.tsx?)\)((?:[:,] `[^`]+`)*)/g)].flatMap(
    ([, path = '', names = '']) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => ({ path, titles: name.split(' › ') })),
  );

/**
 * Title and indentation of each `test`, `describe`, `….each(…)`, `….for(…)` or `….runIf(…)` that a line
 * begins with, in their order. One that is skipped is none.
 */
const titlesIn = (source: string): { title: string; depth: number }[] =>
  [
    ...source.matchAll(
      /^( *)(?:(?:test|describe)(?:\.describe|\.(?:each|for|runIf)\b.*\))?|\](?: as const)?\))\(\s*(['"`])(.*?)\2,/gm,
    ),
  ].map(([, { length: depth } = '', , title = '']) => ({ title, depth }));

/** Whether a source has a test or a group of this title, inside of the groups that are named before it. */
const hasTest = (source: string, titles: readonly string[]): boolean => {
  const all = titlesIn(source);
  const isWithin = (from: number, depth: number, [title, ...inner]: readonly string[]): boolean => {
    for (const [index, found] of all.entries()) {
      if (index < from) continue;
      if (found.depth <= depth) return false;
      if (found.title === title && (inner.length === 0 || isWithin(index + 1, found.depth, inner))) return true;
    }
    return false;
  };
  return isWithin(0, -1, titles);
};

/** The proofs of a text that name no test. */
const brokenProofs = (text: string, read: (path: string) => string): string[] =>
  proofsIn(text)
    .filter(({ path, titles }) => {
      try {
        return !hasTest(read(path), titles);
      } catch {
        return true; // There is no such file.
      }
    })
    .map(({ path, titles }) => `${path}: ${titles.join(' › ')}`);

test('every test that the page names exists', () => {
  expect(proofsIn(page).length).toBeGreaterThan(100);
  expect(brokenProofs(page, readText)).toEqual([]);
});

test('every requirement has a row, once, and every row says how it stands', () => {
  const rows = rowsUnder(page, 'Requirements');
  const ids = rows.flatMap(([cell = '']) => cell.split(', '));
  expect(ids.toSorted()).toEqual(REQUIREMENTS.toSorted());
  for (const row of rows) {
    const [id = '', level = '', what = '', state = '', proof = ''] = row;
    expect([id, row.length]).toEqual([id, 5]);
    expect(level).toMatch(/^[123](?:-[123])?$/);
    expect(what).not.toBe('');
    expect(state).toMatch(/^(?:met|part|open|n\/a)$/);
    const isProven = state === 'met' || state === 'part';
    expect([id, proofsIn(proof).length > 0]).toEqual([id, isProven]);
    // A link to a test without a title would be looked at by nobody.
    expect(proof).not.toMatch(/\.(?:test|spec)\.tsx?\)(?!: `)/);
    // What is not met has its reason in words.
    const words = proof.replaceAll(/\[[^\]]*\]\([^)]*\)|`[^`]*`|[:,; ]/g, '');
    if (state !== 'met') expect([id, words]).toEqual([id, expect.stringMatching(/.{10}/)]);
  }
});

test('the rate limits on the page are those of the code', () => {
  const UNITS = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1000],
  ] as const;
  const inWords = (milliseconds: number): string => {
    const [unit, size] = UNITS.find(([, one]) => milliseconds % one === 0) ?? ['millisecond', 1];
    const count = milliseconds / size;
    return `${count} ${unit}${count === 1 ? '' : 's'}`;
  };
  const stated = rowsUnder(page, 'Rate limits').map(([name, , ...numbers]) => [name, ...numbers]);
  expect(stated).toEqual(
    Object.entries({ ...PASSWORD_LIMITS, ...FLOW_LIMITS, ...CORE_LIMITS }).map(
      ([name, { burst, firstWaitMs, maxWaitMs, forgetAfterMs }]) => [
        `\`${name}\``,
        String(burst),
        inWords(firstWaitMs),
        inWords(maxWaitMs),
        inWords(forgetAfterMs),
      ],
    ),
  );
});

describe('the reader of this page', () => {
  const source = [
    "test('at the top', () => {});",
    "// test('in a comment', () => {});",
    "test.skip('skipped', () => {});",
    "describe('one', () => {",
    "  test('inside', async () => {});",
    '  test.each([',
    "    ['a case', 1],",
    "  ])('each %s', () => {});",
    '});',
    "test.runIf(isLinux)('on Linux', () => {});",
    "describe.each(eachStore)('two', () => {",
    '  test(`with ${COUNT}`, () => {});',
    '});',
  ].join('\n');

  test.each(['at the top', 'inside', 'one › inside', 'one › each %s', 'on Linux', 'two', 'two › with ${COUNT}'])(
    'finds %s',
    (name) => {
      expect(hasTest(source, name.split(' › '))).toBe(true);
    },
  );

  test.each(['in a comment', 'skipped', 'a case', 'at the', 'two › inside', 'inside › one', 'one › two'])(
    'does not find %s',
    (name) => {
      expect(hasTest(source, name.split(' › '))).toBe(false);
    },
  );

  test('tells of a file and of a title that there are not', () => {
    const read = (path: string): string => {
      if (path !== 'src/a.test.ts') throw new Error('There is no such file.');
      return source;
    };
    const text = [
      'by [a.test.ts](../src/a.test.ts): `one › inside`, `one › elsewhere`',
      'and [b.test.ts](../src/b.test.ts): `inside`',
    ].join('; ');
    expect(brokenProofs(text, read)).toEqual(['src/a.test.ts: one › elsewhere', 'src/b.test.ts: inside']);
  });
});
